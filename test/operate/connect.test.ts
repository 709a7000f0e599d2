import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { hubspotSandbox } from '../../shared/connectors/hubspot/sandbox.ts';
import { runCli } from '../../shared/operate/command-line.ts';
import { serveSandbox } from '../connectors/contract.ts';

const dir = mkdtempSync(join(tmpdir(), 'connect-'));
afterAll(() => rmSync(dir, { recursive: true }));

async function connect(file: string, ...more: string[]): Promise<{ code: number; out: string; err: string }> {
  const said = { out: '', err: '' };
  const code = await runCli(['connect', 'hubspot', '--data', dir, '--file', file, ...more], {
    out: (text) => {
      said.out += text;
    },
    err: (text) => {
      said.err += text;
    },
    terminal: false,
    sleep: async () => undefined,
  });
  return { code, ...said };
}

function written(secret: unknown): string {
  const file = join(dir, 'given.json');
  writeFileSync(file, JSON.stringify(secret));
  return file;
}

test('connect stores credentials of a data directory once the vendor has taken them', async () => {
  const sandbox = hubspotSandbox({ seed: 1, size: 0 });
  const served = await serveSandbox(sandbox);
  try {
    const { secret } = sandbox.state(served.baseUrl);
    expect(await connect(written(secret))).toMatchObject({
      code: 0,
      out: expect.stringContaining('secrets.json'),
    });
    const stored: unknown = JSON.parse(readFileSync(join(dir, 'secrets.json'), 'utf8'));
    expect(stored).toMatchObject({ 'hubspot/main': secret });
    sandbox.setFaults({ 'token-revoked': true });
    const refused = await connect(written({ ...secret, portalId: 77 }));
    expect(refused.code).toBe(2);
    expect(refused.err).toContain('nothing was stored');
    expect(JSON.parse(readFileSync(join(dir, 'secrets.json'), 'utf8'))).toEqual(stored);
  } finally {
    await served.stop();
  }
});

test('connect names the field that does not fit, and never its value', async () => {
  const answer = await connect(written({ baseUrl: 'https://api.hubapi.com', portalId: 'sesame' }));
  expect(answer.code).toBe(2);
  expect(answer.err).toMatch(/field "\w+"/);
  expect(answer.err).not.toContain('sesame');
});
