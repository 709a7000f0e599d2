import { hash } from 'node:crypto';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';

const ROOT = join(import.meta.dirname, '..', '..', '..');

/** The version in `package.json`. */
export function packageVersion(): string {
  const json: unknown = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  return z.object({ version: z.string() }).parse(json).version;
}

/** Names the running code: changes whenever a mapping, a connector or the engine does. */
export function deploymentName(): string {
  const files = globSync(
    ['functions/**/*.ts', 'shared/connectors/**/*.ts', 'shared/engine/*.ts', 'shared/values/*.ts'],
    { cwd: ROOT },
  ).sort();
  const marks = files.map((file) => `${file} ${hash('sha256', readFileSync(join(ROOT, file)))}`);
  return `${packageVersion()}+${hash('sha256', marks.join('\n')).slice(0, 8)}`;
}
