import { hash } from 'node:crypto';
import * as z from 'zod';
import { announce } from './announce.ts';
import { freshHint } from './change-event.ts';
import { amend, readDocument } from './documents.ts';
import type { Engine } from './engine.ts';
import { type Flow, SKEW, WORKER_TIMEOUT } from './flow.ts';
import { emptyBody, fromLocalName, type LinkBody, localName } from './link.ts';
import type { Name } from './operate.ts';
import type { OpenItem, SideName } from './pair.ts';
import type { LinkKey, Ports } from './ports.ts';

/** The list is spread over several documents, so that busy workers seldom meet. */
const SHELVES = 16;

const ShelfSchema = z.object({ version: z.literal(1), names: z.array(z.string()) });
type Shelf = z.infer<typeof ShelfSchema>;

/** Something that a person has to decide about one record. Holds values: for people's eyes, never for a log. */
export interface WorkItem extends Name, OpenItem {}

/** Puts a record on the list, or takes it off. The link has the items themselves; a name too many does no harm. */
export async function listOpenItems(
  ports: Pick<Ports, 'documents' | 'clock' | 'random'>,
  key: LinkKey,
  open: boolean,
): Promise<void> {
  const name = localName(key);
  await amend<Shelf>(ports, shelfKey(key.flow, name), ShelfSchema, (shelf) => {
    const names = shelf?.names ?? [];
    if (names.includes(name) === open) return undefined;
    return { version: 1, names: open ? [...names, name] : names.filter((each) => each !== name) };
  });
}

/** What of a record still waits for a person. */
export function openItems(body: LinkBody | undefined): OpenItem[] {
  return (body?.pair?.items ?? []).filter((item) => item.keep === undefined);
}

/** Every open item of a flow, oldest first. */
export async function workItems(ports: Pick<Ports, 'documents' | 'links'>, flow: Flow): Promise<WorkItem[]> {
  const shelves = await Promise.all(
    Array.from({ length: SHELVES }, (_, at) => readDocument(ports, shelfName(flow.name, at), ShelfSchema)),
  );
  const keys = shelves.flatMap((shelf) => shelf?.names ?? []).map((name) => fromLocalName(flow.name, name));
  const items: WorkItem[] = [];
  for (let at = 0; at < keys.length; at += 100) {
    const links = await ports.links.read(keys.slice(at, at + 100));
    for (const link of links)
      for (const item of openItems(link?.body))
        items.push({ collection: link?.key.collection ?? '', id: link?.key.id ?? '', ...item });
  }
  return items.sort((a, b) => a.since - b.since);
}

/** What became of a person's word: only `decided` is carried out. */
export type Decision =
  | 'decided'
  /** There is no such item; it may have been decided, or settled by itself, meanwhile. */
  | 'unknown'
  /** Somebody has decided it already. */
  | 'decided-before'
  /** In the same way as before, and only a person can carry it out. */
  | 'by-hand'
  /** Its values are no longer those that the person saw. */
  | 'changed'
  /** A worker holds the record just now. */
  | 'in-work';

/** Which item, and what the person saw of it. */
export interface Choice extends Name {
  field: string;
  /** `markOf` the item as it was shown; absent = whatever it shows now. */
  mark?: string | undefined;
}

/** Stands for both values of an item, so that nobody decides on others than they have seen. */
export function markOf({ left, right }: Pick<OpenItem, 'left' | 'right'>): string {
  return hash('sha256', JSON.stringify([left, right])).slice(0, 12);
}

/**
 * A person's word on one item: the side whose value holds. It is carried out by the next reconcile, which is rung
 * at once; it lapses if a value has changed since the person saw it.
 */
export async function decideItem(
  engine: Engine,
  flow: Flow,
  choice: Choice,
  keep: SideName,
): Promise<Decision> {
  const { ports } = engine;
  const key = { flow: flow.name, collection: choice.collection, id: choice.id };
  const [link] = await ports.links.read([key]);
  // A claim would make a link for a name that somebody has mistyped.
  if (!itemOf(link?.body, choice.field)) return 'unknown';
  const now = ports.clock.now();
  const token = ports.random.token();
  const [claim] = await ports.links.claim([{ key, token, until: now + WORKER_TIMEOUT }], now - 2 * SKEW);
  if (!claim?.claimed) return 'in-work';
  const { body, lease } = claim.before ?? {};
  const decision = judge(itemOf(body, choice.field), choice.mark, keep);
  const decided = decision === 'decided' ? withDecision(body, choice.field, keep) : undefined;
  // A lease that nobody reported may hide a write; it must not be forgotten because a person looked in.
  const next = lease ? { ...(decided ?? body ?? emptyBody), doubt: true } : decided;
  await ports.links.settle([{ key, token, body: next, lease: 'release', rung: [] }]);
  if (!decided) return decision;
  const envelope = { flow: flow.name, collection: choice.collection, cause: 'replay', trace: token } as const;
  await announce(ports, 'live', envelope, [freshHint(choice.id, now, true)]);
  return 'decided';
}

/** A record's item about one field, decided or not; an empty name is the one about the records as such. */
export function itemOf(body: Pick<LinkBody, 'pair'> | undefined, field: string): OpenItem | undefined {
  return body?.pair?.items?.find((item) => item.field === field);
}

function judge(item: OpenItem | undefined, mark: string | undefined, keep: SideName): Decision {
  if (!item) return 'unknown';
  if (item.keep !== undefined) return 'decided-before';
  if (item.chosen === keep) return 'by-hand';
  return mark === undefined || mark === markOf(item) ? 'decided' : 'changed';
}

function withDecision(body: LinkBody | undefined, field: string, keep: SideName): LinkBody | undefined {
  if (!body?.pair?.items) return undefined;
  const items = body.pair.items.map((item) => {
    const { chosen: _, ...rest } = item;
    return item.field === field ? { ...rest, keep } : item;
  });
  return { ...body, pair: { ...body.pair, items } };
}

function shelfKey(flow: string, name: string): string {
  let sum = 0;
  for (const character of name) sum = (sum * 31 + (character.codePointAt(0) ?? 0)) % 65_521;
  return shelfName(flow, sum % SHELVES);
}

function shelfName(flow: string, at: number): string {
  return `open-items/${flow}/${at}`;
}
