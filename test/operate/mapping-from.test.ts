import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { HttpRequest, Ports } from '../../shared/engine/ports.ts';
import { clock } from '../../shared/hosts/clock.ts';
import { gitMappings } from '../../shared/operate/api/git-mappings.ts';
import { Problem } from '../../shared/operate/api/problem.ts';
import { memoryPorts } from '../support/memory/ports.ts';

/** A flow whose source is asked over HTTP, with the account's secret; `as` is what its mapping makes of a name. */
const flowsFile = (as: string) => `
import * as z from 'zod';
import { defineFlow } from '../shared/engine/flow.ts';
const account = { vendor: 'here', name: 'main', limits: () => ({ rate: { calls: 50, windowMs: 1000 } }) };
const none = async () => new Map();
const source = {
  account, title: 'people', batchSize: 100, readLag: 0, overlap: 0, callsPerRead: 1,
  read: async (session, ids) => {
    const { token } = await session.secret(z.object({ token: z.string() }));
    const { body } = await session.send({ method: 'GET', url: 'http://here.example/people', headers: { token }, operation: 'people.read', effect: 'read' });
    return new Map(ids.map((id) => [id, { state: 'present', record: { name: JSON.parse(body)[id] } }]));
  },
  readOne: async () => ({ state: 'gone' }), scan: async () => ({ items: [] }), list: async () => ({ items: [] }),
};
const target = {
  account, title: 'rows', batchSize: 100, readLag: 0, lateness: 0, lookup: 'before-create',
  read: async (_, ids) => new Map(ids.map((id) => [id, { state: 'present', record: { name: 'Ann' } }])),
  readOne: async () => ({ state: 'gone' }), find: none, write: none, list: async () => ({ items: [] }),
};
export const flows = [defineFlow({
  name: 'tiny', title: 'Tiny', moves: { what: 'people', from: 'Here', to: 'There', direction: 'one-way' },
  howOften: { webhook: false, scanEveryMinutes: 5, audit: { dailyAt: '02:00', timeZone: 'UTC' } },
  whenItBreaks: { impact: 'none', retryHorizonHours: 24, maxAttempts: 3, parks: 'one', removals: { share: 1, atLeast: 1 }, changes: { share: 1, atLeast: 1 } },
  whoIsPaged: { owner: 'us', page: ['us'] }, whereToLook: { runbook: 'README.md' },
  expects: { heartbeatMinutes: 15, oldestMinutes: 30 }, webhooks: {},
  collections: [{ name: 'people', source, target, map: ({ name }) => ({ kind: 'present', fields: { name: ${as} } }), owns: ['name'], whenGone: 'keep', whenMerged: 'keep', whenAbsent: 'keep' }],
})];
`;

const root = mkdtempSync(join(tmpdir(), 'intertie-repository-'));
const git = (...argv: string[]) =>
  execFileSync('git', ['-C', root, '-c', 'user.name=t', '-c', 'user.email=t@t.example', ...argv]);
const project = join(import.meta.dirname, '..', '..');
const asked: HttpRequest[] = [];
let ports: Ports & { state: ReturnType<typeof memoryPorts>['state'] };
const mappings = gitMappings({ root, idle: 1 });
const leftovers = () => readdirSync(tmpdir()).filter((name) => name.startsWith('intertie-mapping-'));
const before = new Set(leftovers());

function commit(tag: string, flows: string): void {
  writeFileSync(join(root, 'functions', 'flows.ts'), flows);
  git('add', '-A');
  git('commit', '-qm', tag);
  git('tag', tag);
}

beforeAll(() => {
  for (const folder of ['shared/engine', 'shared/values'])
    cpSync(join(project, folder), join(root, folder), { recursive: true });
  mkdirSync(join(root, 'functions'));
  cpSync(join(project, 'package.json'), join(root, 'package.json'));
  writeFileSync(join(root, '.gitignore'), 'node_modules\n');
  symlinkSync(join(project, 'node_modules'), join(root, 'node_modules'));
  git('init', '-q');
  commit('loud', flowsFile('name.toUpperCase()'));
  commit('same', flowsFile('name'));
  commit('broken', "import 'a-package-that-nobody-has';");
  commit(
    'writing',
    flowsFile('name').replace(
      'const { token }',
      "await session.renewSecret(z.unknown(), () => true, async () => ({ token: 'new' })); const { token }",
    ),
  );
  commit(
    'strict',
    flowsFile('name').replace('{ token: z.string() }', '{ token: z.string(), more: z.string() }'),
  );
  ports = memoryPorts({
    clock,
    http: async (request) => {
      asked.push(request);
      return { status: 200, headers: {}, body: JSON.stringify({ p1: 'Ann' }) };
    },
  });
  return ports.secrets.put('here/main', { token: 'secret-token' });
});

afterAll(() => rmSync(root, { recursive: true, force: true }));

const plan = (ref: string, of: { flow?: string; collection?: string } = {}) =>
  mappings.plan(ports, ref, { flow: 'tiny', collection: 'people', ids: ['p1'], ...of });

async function link(): Promise<void> {
  const key = { flow: 'tiny', collection: 'people', id: 'p1' };
  await ports.links.claim([{ key, token: 't', until: 1 }], 1);
  const body = { version: 1 as const, outcomes: [], targetId: 'r1' };
  await ports.links.settle([{ key, token: 't', body, lease: 'release', rung: [] }]);
}

describe('the mapping of another git ref', () => {
  test('plans with the code of that ref, on the links, secrets and the network of the one that asks', async () => {
    await link();
    const links = JSON.stringify([...ports.state.links]);
    expect(await plan('loud')).toEqual([
      {
        collection: 'people',
        id: 'p1',
        action: 'update',
        targetId: 'r1',
        fields: [{ name: 'name', current: 'Ann', planned: 'ANN' }],
      },
    ]);
    expect(await plan('same')).toMatchObject([{ action: 'none', fields: [] }]);
    expect(asked.map(({ headers }) => headers.token)).toEqual(['secret-token', 'secret-token']);
    expect(JSON.stringify([...ports.state.links])).toBe(links);
    expect([...ports.state.documents.keys()].every((key) => key.startsWith('account/'))).toBe(true);
  });

  test('several questions at once go to one process', async () => {
    const answers = await Promise.all([plan('loud'), plan('loud'), plan('loud')]);
    expect(new Set(answers.map((each) => JSON.stringify(each))).size).toBe(1);
  });

  test.each([
    { ref: 'broken', of: {}, says: 'a-package-that-nobody-has' },
    { ref: 'loud', of: { flow: 'other' }, says: 'it has no flow "other"' },
    { ref: 'loud', of: { collection: 'rows' }, says: 'its flow tiny has no collection "rows"' },
    { ref: 'nowhere', of: {}, says: 'git knows no ref "nowhere"' },
    { ref: '-v', of: {}, says: 'is no name of a git ref' },
    { ref: 'loud; true', of: {}, says: 'is no name of a git ref' },
  ])('$ref $of: $says', async ({ ref, of, says }) => {
    const problem = await plan(ref, of).catch((error: unknown) => error);
    expect(problem).toBeInstanceOf(Problem);
    expect((problem as Problem).message).toContain(says);
    expect((problem as Problem).hint).not.toBe('');
  });

  test('changes neither secrets nor anything else', async () => {
    const outcome = await plan('writing').catch((error: unknown) => error);
    expect(outcome).toBeInstanceOf(Problem);
    expect((outcome as Problem).message).toContain('wanted to write, which a plan may not');
    expect((outcome as Problem).hint).toContain('plan once without --mapping-from');
    expect((await ports.secrets.get('here/main'))?.value).toEqual({ token: 'secret-token' });
  });

  test('that reads a secret otherwise holds no account of the code that runs', async () => {
    const problem = await plan('strict').catch((error: unknown) => error);
    expect((problem as Problem).message).toMatch(/^auth-expired: .*more/);
    expect((problem as Problem).hint).toContain('the account itself is not held');
    const state = (await ports.documents.get('account/here/main'))?.value;
    expect(state).toMatchObject({ breaker: { failures: 0 } });
    expect(state).not.toHaveProperty('held');
    expect(await plan('same')).toMatchObject([{ action: 'none' }]);
  });

  test('code that is no git checkout has no other refs', async () => {
    const problem = await gitMappings({ root: tmpdir() })
      .plan(ports, 'main', { flow: 'tiny', collection: 'people', ids: [] })
      .catch((error: unknown) => error);
    expect((problem as Problem).message).toContain('no git checkout');
  });

  test('leaves no folder behind', async () => {
    await expect.poll(() => leftovers().filter((name) => !before.has(name)), { timeout: 10_000 }).toEqual([]);
  });
});
