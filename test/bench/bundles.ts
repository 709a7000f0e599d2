import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildSync } from 'esbuild';
import { flows } from '../../functions/flows.ts';
import { services } from '../../functions/services.ts';
import { bundleHandler } from '../../infra/bundle.ts';
import { HANDLERS, SERVICE_HANDLERS } from '../../shared/hosts/aws/schedules.ts';
import type { BenchOptions } from './options.ts';
import type { Table } from './table.ts';

const ROOT = join(import.meta.dirname, '..', '..');

/** What most functions of this kind load, bundled as most bundle it. */
const USUAL = `
import { Logger } from '@aws-lambda-powertools/logger';
import { DynamoDBClient, PutItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs';
import { z } from 'zod';
const Event = z.object({ Records: z.array(z.object({ body: z.string() })) });
export const handler = async (event) => [Event.parse(event), new Logger(), DynamoDBClient, PutItemCommand, UpdateItemCommand, GetSecretValueCommand, SecretsManagerClient, SendMessageBatchCommand, SQSClient];
`;

interface Measured {
  name: string;
  file: string;
  bytes: number;
  times: number[];
}

/** Bytes and time of import of every function, all in one run, one after the other in turn. */
export async function bundles({ full }: BenchOptions): Promise<Table[]> {
  const dir = mkdtempSync(join(tmpdir(), 'intertie-bundles-'));
  try {
    const all = texts().map(([name, text], at): Measured => {
      const file = join(dir, `${at}.mjs`);
      writeFileSync(file, text);
      return { name, file, bytes: Buffer.byteLength(text), times: [] };
    });
    const rounds = full ? 21 : 7;
    for (let round = 0; round < rounds; round += 1)
      for (const each of all) each.times.push(importTime(each.file));
    return [tableOf(all)];
  } finally {
    rmSync(dir, { recursive: true });
  }
}

function texts(): [string, string][] {
  const banner = "import{createRequire as r}from'node:module';const require=r(import.meta.url);";
  const usual = buildSync({
    stdin: { contents: USUAL, resolveDir: ROOT },
    bundle: true,
    minify: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    mainFields: ['module', 'main'],
    banner: { js: banner },
    write: false,
  });
  return [
    ['bare handler', 'export const handler = async () => undefined;'],
    ['usual stack', usual.outputFiles[0]?.text ?? ''],
    ...flows.flatMap(({ name }) =>
      HANDLERS.map((handler): [string, string] => [
        `${name} ${handler}`,
        bundleHandler(`functions/${name}/handlers.ts`, handler).text,
      ]),
    ),
    ...services.flatMap(({ name }) =>
      SERVICE_HANDLERS.map((handler): [string, string] => [
        `${name} ${handler}`,
        bundleHandler(`functions/${name}/handlers.ts`, handler).text,
      ]),
    ),
  ];
}

function importTime(file: string): number {
  const script = `const start = performance.now(); await import(${JSON.stringify(file)}); process.stdout.write(String(performance.now() - start));`;
  return Number(execFileSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' }));
}

function tableOf(all: readonly Measured[]): Table {
  const usual = all.find(({ name }) => name === 'usual stack');
  const base = usual ? Math.min(...usual.times) : Number.NaN;
  return {
    title: 'Bundles of the functions',
    columns: ['function', 'bytes', 'import ms', 'of the usual'],
    rows: all.map(({ name, bytes, times }) => [name, bytes, Math.min(...times), Math.min(...times) / base]),
    notes: [
      `the quickest of ${all[0]?.times.length} imports, each in a new process, in turn`,
      "usual stack: Powertools logger, clients of SQS, DynamoDB and Secrets Manager, zod as { z }; Powertools' idempotency and batch are not installed here",
      'of a function, 121 KB are tables of telephone numbers where its flow maps them',
    ],
  };
}
