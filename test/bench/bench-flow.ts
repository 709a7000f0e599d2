import { createHmac, timingSafeEqual } from 'node:crypto';
import * as z from 'zod';
import { defineCollection, defineFlow } from '../../shared/engine/flow.ts';
import type { Read, Source, Target } from '../../shared/engine/resource.ts';
import type { AccountRef, Session } from '../../shared/engine/session.ts';
import type { WebhookEndpoint } from '../../shared/engine/webhook.ts';

/** The secret of the bench's account. Host and port apart: a host takes a local URL for a sandbox of its own. */
const BenchSecret = z.object({
  host: z.string(),
  port: z.number(),
  key: z.string(),
  /** Calls per 10 seconds; absent = no limit. */
  rate: z.number().optional(),
});
export const BENCH_ACCOUNT = 'bench/main';

const account: AccountRef = {
  vendor: 'bench',
  name: 'main',
  limits: (secret) => {
    const rate = BenchSecret.safeParse(secret).data?.rate;
    return rate === undefined ? {} : { rate: { calls: rate, windowMs: 10_000 } };
  },
};

async function call<T>(
  session: Session,
  path: string,
  how: { body: object; answer: z.ZodType<T> },
): Promise<T> {
  const { host, port } = await session.secret(BenchSecret);
  const response = await session.send({
    method: 'POST',
    url: `http://${host}:${port}${path}`,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(how.body),
    operation: path,
    effect: path === '/write' ? 'write' : 'read',
  });
  return how.answer.parse(JSON.parse(response.body));
}

/** A webhook of the bench: ids. */
export const HookBody = z.array(z.string());
const Thing = z.object({ id: z.string(), name: z.string() });
type Thing = z.infer<typeof Thing>;
const Things = z.object({ records: z.array(Thing) });
const Ids = z.object({ items: z.array(z.string()), next: z.number(), more: z.boolean() });
const Written = z.object({ targetIds: z.array(z.string()) });

const source: Source<Thing> = {
  account,
  title: 'Bench things',
  batchSize: 100,
  readLag: 0,
  overlap: 0,
  callsPerRead: 1,
  async read(session, ids) {
    const { records } = await call(session, '/read', { body: { ids }, answer: Things });
    return new Map(records.map((record): [string, Read<Thing>] => [record.id, { state: 'present', record }]));
  },
  readOne: async () => ({ state: 'gone' }),
  scan: async () => ({ items: [] }),
  async list(session, page = '0') {
    const { items, next, more } = await call(session, '/list', {
      body: { after: Number(page) },
      answer: Ids,
    });
    return more ? { items, next: String(next) } : { items };
  },
};

const target: Target = {
  account,
  title: 'Bench copies',
  batchSize: 100,
  readLag: 0,
  lateness: 0,
  lookup: 'on-conflict',
  read: async (_session, targetIds) => new Map(targetIds.map((id) => [id, { state: 'gone' }])),
  readOne: async () => ({ state: 'gone' }),
  find: async () => new Map(),
  async write(session, writes) {
    const refs = writes.map((write) => write.ref);
    const fields = writes.map((write) => write.fields);
    const { targetIds } = await call(session, '/write', { body: { refs, fields }, answer: Written });
    return new Map(refs.map((ref, at) => [ref, { ok: true, targetId: targetIds[at] ?? '', created: true }]));
  },
  list: async () => ({ items: [] }),
};

export function signed(body: string, key: string): string {
  return createHmac('sha256', key).update(body).digest('hex');
}

const endpoint: WebhookEndpoint = {
  account,
  methods: ['POST'],
  async read(session, { headers, body }) {
    const { key } = await session.secret(BenchSecret);
    const expected = createHmac('sha256', key).update(body).digest();
    const given = Buffer.from(headers['x-bench-signature'] ?? '', 'hex');
    if (given.length !== expected.length || !timingSafeEqual(given, expected))
      return { kind: 'forged', reason: 'the signature does not fit' };
    const ids = HookBody.parse(JSON.parse(Buffer.from(body).toString()));
    return { kind: 'accepted', changes: ids.map((id) => ({ collection: 'thing', id })), ignored: 0 };
  },
};

/** As plain as a flow can be, with a signed webhook: what it costs is what engine and host cost. */
export const benchFlow = defineFlow({
  name: 'bench',
  title: 'Bench',
  moves: { what: 'Things', from: 'Bench', to: 'Bench', direction: 'one-way' },
  howOften: {
    webhook: 'each thing',
    scanEveryMinutes: 60,
    audit: { dailyAt: '02:30', timeZone: 'Etc/UTC' },
  },
  whenItBreaks: {
    impact: 'Nobody suffers.',
    retryHorizonHours: 24,
    maxAttempts: 8,
    parks: 'Nothing.',
    removals: { share: 1, atLeast: 1_000_000 },
    changes: { share: 1, atLeast: 1_000_000 },
  },
  whoIsPaged: { owner: 'nobody', page: ['nobody'] },
  whereToLook: { runbook: 'test/README.md' },
  expects: { heartbeatMinutes: 240, oldestMinutes: 60 },
  collections: [
    defineCollection<Thing>({
      name: 'thing',
      source,
      target,
      map: ({ name }) => ({ kind: 'present', fields: { name } }),
      owns: ['name'],
      whenGone: 'keep',
      whenMerged: 'keep',
      whenAbsent: 'keep',
    }),
  ],
  webhooks: { things: endpoint },
});
