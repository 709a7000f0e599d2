import { afterEach } from 'vitest';
import type { SandboxOptions } from '../../../shared/connectors/sandbox.ts';
import { constituents, tessituraAccount } from '../../../shared/connectors/tessitura/index.ts';
import { tessituraSandbox } from '../../../shared/connectors/tessitura/sandbox.ts';
import type { Http, HttpResponse } from '../../../shared/engine/ports.ts';
import { type Running, serveSandbox } from '../contract.ts';
import { nodeHttp, testSession } from '../session.ts';

export const START = Date.parse('2026-06-01T15:00:00Z');

/** A sandbox on a port, its clock set by the test, and sessions of the connector against it. */
export async function running(options: Partial<SandboxOptions> = {}) {
  const server: Running = await serveSandbox(
    tessituraSandbox({ seed: 3, size: 200, now: () => START, ...options }),
  );
  stops.push(server.stop);
  const { sandbox, secret } = server;
  return {
    sandbox,
    secret,
    source: constituents({ account: tessituraAccount('main') }),
    edit: (id: number | string, set: NonNullable<Parameters<typeof sandbox.edit>[0]['set']>) =>
      sandbox.edit({ record: 'constituent', id: String(id), set }),
    session: (changes: object = {}, http?: Http) =>
      testSession({
        account: 'tessitura/main',
        secret: { ...secret, ...changes },
        now: () => START,
        ...(http ? { http } : {}),
      }),
  };
}

const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  await Promise.all(stops.splice(0).map((stop) => stop()));
});

/** HTTP through which every answer passes a hand that may rewrite it. */
export function rewriting(rewrite: (url: string, answer: HttpResponse) => HttpResponse): Http {
  const http = nodeHttp();
  return async (request) => rewrite(request.url, await http(request));
}

export interface BatchPart {
  RequestId: number;
  StatusCode: number;
  // biome-ignore lint/suspicious/noExplicitAny: tests rewrite any vendor body
  ResponseObject?: any;
}

/** As `rewriting`, for the parts of a batch that match. */
export function rewritingParts(rewrite: (part: BatchPart) => BatchPart): Http {
  return rewriting((url, answer) => {
    if (!url.endsWith('/Batch')) return answer;
    const reply = JSON.parse(answer.body) as { Responses: BatchPart[] };
    return { ...answer, body: JSON.stringify({ ...reply, Responses: reply.Responses.map(rewrite) }) };
  });
}

export const ids = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, at) => String(from + at));
