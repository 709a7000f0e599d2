import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { LinkBody } from '../../../shared/engine/link.ts';
import type { Link, LinkKey, Page, Settlement } from '../../../shared/engine/ports.ts';
import { memoryPorts } from '../../support/memory/ports.ts';
import type { Host, StoragePorts } from './host.ts';
import { body, parkedBody, plain, T0 } from './host.ts';

/** What one run knows: the model beside the real thing, its clock, and the tokens that were drawn. */
interface Run {
  model: StoragePorts;
  real: StoragePorts;
  flow: string;
  now: number;
  drawn: number;
  tokens: Map<string, string>;
}

type Step = (run: Run) => Promise<void>;

const IDS = ['a', 'b', 'c', 'd'] as const;
const anId = fc.constantFrom(...IDS);
const someIds = fc.uniqueArray(anId, { minLength: 1, maxLength: 4 });
const aBody: fc.Arbitrary<LinkBody | undefined> = fc.oneof(
  fc.constant(undefined),
  fc.string({ unit: 'grapheme' }).map((hash) => body({ hash })),
  fc.nat(20).map((at) => parkedBody(T0 + at)),
  fc.nat(20).map((at) => body({ recheckAt: T0 + at * 1_000 })),
);

const steps: fc.Arbitrary<Step> = fc.oneof(
  fc.nat(40_000).map((ms) => async (run: Run) => {
    run.now += ms;
  }),
  fc.tuple(someIds, fc.boolean()).map(
    ([ids, repeat]) =>
      (run: Run) =>
        claimSome(run, ids, repeat),
  ),
  fc
    .record({
      ids: someIds,
      body: aBody,
      lease: fc.constantFrom<Settlement['lease']>('release', 'report', 'keep'),
      own: fc.boolean(),
      ring: fc.boolean(),
    })
    .map(settleSome),
  fc.tuple(anId, anId).map(
    ([id, waiter]) =>
      (run: Run) =>
        both(run, (ports) => ports.links.wait(at(run, id), `people/${waiter}`)),
  ),
  fc.tuple(fc.nat(2), fc.string(), fc.boolean()).map(
    ([place, value, stale]) =>
      (run: Run) =>
        putDocument(run, place, value, stale),
  ),
  fc.integer({ min: 1, max: 4 }).map((limit) => (run: Run) => listAll(run, limit)),
);

/** Every answer of the port equals the model's, whatever is done in whatever order. */
export function linksAgainstModel(host: Host): void {
  test('links and documents answer as the model does', async () => {
    let runs = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(steps, { minLength: 5, maxLength: 40 }), async (sequence) => {
        runs += 1;
        const run: Run = {
          model: memoryPorts(),
          real: host.open().ports,
          flow: `random-${runs}`,
          now: T0,
          drawn: 0,
          tokens: new Map(),
        };
        for (const step of sequence) await step(run);
        await listAll(run, 2);
      }),
      { numRuns: host.traits.runs ?? 100 },
    );
  });
}

function at(run: Run, id: string): LinkKey {
  return { flow: run.flow, collection: 'people', id };
}

async function both<T>(run: Run, ask: (ports: StoragePorts) => Promise<T>): Promise<T> {
  const expected = await ask(run.model);
  const answer = await ask(run.real);
  expect(shown(answer)).toEqual(shown(expected));
  return expected;
}

async function claimSome(run: Run, ids: readonly string[], repeat: boolean): Promise<void> {
  const held = await run.model.links.read(ids.map((id) => at(run, id)));
  const requests = ids.map((id, place) => {
    const lease = held[place]?.lease;
    const last = run.tokens.get(id);
    // Only the write itself is ever repeated: a token that was settled or reported is not drawn again.
    const token = repeat && last && lease?.token === last && !lease.reported ? last : `token-${run.drawn++}`;
    return { key: at(run, id), token, until: run.now + 30_000 };
  });
  const results = await both(run, (ports) => ports.links.claim(requests, run.now - 10_000));
  results.forEach((result, place) => {
    const request = requests[place];
    if (result.claimed && request) run.tokens.set(request.key.id, request.token);
  });
}

function settleSome(how: {
  ids: string[];
  body: LinkBody | undefined;
  lease: Settlement['lease'];
  own: boolean;
  ring: boolean;
}): Step {
  return async (run) => {
    const settlements = how.ids.map(
      (id): Settlement => ({
        key: at(run, id),
        token: (how.own && run.tokens.get(id)) || 'somebody else',
        body: how.body,
        lease: how.lease,
        rung: how.ring ? ['people/a', 'people/b'] : [],
      }),
    );
    await both(run, (ports) => ports.links.settle(settlements));
  };
}

async function putDocument(run: Run, place: number, value: string, stale: boolean): Promise<void> {
  const key = `${run.flow}/${place}`;
  const known = stale
    ? undefined
    : { model: await run.model.documents.get(key), real: await run.real.documents.get(key) };
  const expected = await run.model.documents.put(key, { value }, known?.model?.revision);
  expect(await run.real.documents.put(key, { value }, known?.real?.revision)).toBe(expected);
  expect((await run.real.documents.get(key))?.value).toEqual((await run.model.documents.get(key))?.value);
}

async function listAll(run: Run, limit: number): Promise<void> {
  const people = { flow: run.flow, collection: 'people' };
  await both(run, (ports) => ports.links.read(IDS.map((id) => at(run, id))));
  await both(run, async (ports) => byId(await whole((after) => ports.links.page(people, limit, after))));
  await both(run, async (ports) =>
    bySince(await whole((after) => ports.links.parked(run.flow, limit, after))),
  );
  await both(run, async (ports) => byDue(await ports.links.due(run.flow, run.now, 100)));
  await both(run, (ports) => ports.links.parkedCount(run.flow));
}

async function whole(page: (after?: string) => Promise<Page<Link>>): Promise<Link[]> {
  const links: Link[] = [];
  let after: string | undefined;
  do {
    const { items, next } = await page(after);
    links.push(...items);
    after = next;
  } while (after !== undefined && links.length < 100);
  return links;
}

function byId(links: Link[]): Link[] {
  return links.toSorted((a, b) => (a.key.id < b.key.id ? -1 : 1));
}

/** The order of the port, with ties in the order of ids. */
function bySince(links: Link[]): Link[] {
  return byId(links).toSorted((a, b) => place(links, a, 'since') - place(links, b, 'since'));
}

function byDue(links: Link[]): Link[] {
  return byId(links).toSorted((a, b) => place(links, a, 'due') - place(links, b, 'due'));
}

/** The first position at which the port listed a link of the same moment. */
function place(links: Link[], link: Link, by: 'since' | 'due'): number {
  const moment = (each: Link) => (by === 'since' ? each.body?.parked?.since : each.body?.recheckAt);
  return links.findIndex((each) => moment(each) === moment(link));
}

function isLink(value: object): value is Link {
  return 'takeovers' in value;
}

/** Links in one spelling, at any depth of an answer. */
function shown(answer: unknown): unknown {
  if (Array.isArray(answer)) return answer.map(shown);
  if (typeof answer !== 'object' || answer === null) return answer;
  if (isLink(answer)) return plain(answer);
  return Object.fromEntries(Object.entries(answer).map(([name, value]) => [name, shown(value)]));
}
