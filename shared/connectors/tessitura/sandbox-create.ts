import * as z from 'zod';
import { emailKey } from './email-key.ts';
import { checkBody, type WritableChild } from './sandbox-columns.ts';
import { ACTIVE, BOX_OFFICE, NO_RESTRICTIONS } from './sandbox-lookups.ts';
import { detailOf, snapshotOf } from './sandbox-reads.ts';
import { ok, type Reply, type Request, refusal } from './sandbox-reply.ts';
import type { Actor, Store, Values } from './sandbox-store.ts';
import { checkChild, constituentRule } from './sandbox-writes.ts';

const rows = z.array(z.unknown()).nullish();
/** The collections of a new constituent's detail. */
const DetailSchema = z.object({
  Addresses: rows,
  ElectronicAddresses: rows,
  PhoneNumbers: rows,
  Salutations: rows,
});
/** One of each, and the primary phone numbers. */
const SnapshotSchema = z.object({
  Address: z.unknown().optional(),
  ElectronicAddress: z.unknown().optional(),
  PrimaryPhoneNumbers: rows,
  Salutation: z.unknown().optional(),
});
const NamesSchema = z.record(z.string(), z.unknown());

interface Wanted {
  kind: WritableChild;
  body: unknown;
}

/**
 * POST CRM/Constituents/Detail and /Snapshot: all or nothing. The service knows no duplicates: asked twice, it
 * makes two. `double` is told when the writer already has made somebody with the same e-mail.
 */
export function createConstituent(
  store: Store,
  actor: Actor,
  { path, body }: Request,
  told: { created(): void; double(): void },
): Reply {
  const view = path[2]?.toLowerCase();
  const names = checkBody('Constituents', body, undefined);
  if ('refused' in names) return names.refused;
  const refused = constituentRule(names.values);
  if (refused) return refused;
  const wanted = view === 'detail' ? ofDetail(body) : ofSnapshot(body);
  const checked = wanted.map(({ kind, body: row }) => ({
    kind,
    ...checkChild(store, { kind, body: row, parent: 0, current: undefined }),
  }));
  const bad = checked.find((each) => 'refused' in each);
  if (bad && 'refused' in bad) return bad.refused;
  told.created();
  const values = checked.flatMap((each) => ('values' in each ? [{ kind: each.kind, row: each.values }] : []));
  if (values.some(({ kind, row }) => kind === 'ElectronicAddresses' && isOurs(store, actor, row)))
    told.double();
  const id = store.addConstituent(actor, { ...withDefaults(names.values) });
  for (const { kind, row } of values) store.addChild(actor, kind, id, row);
  const columns = store.columns(id);
  if (!columns) return refusal(500, 'Timeout expired.');
  return ok(view === 'detail' ? detailOf(store, columns) : snapshotOf(store, columns));
}

function withDefaults(values: Values): Values {
  const { LastName, FirstName } = values;
  return {
    Inactive: ACTIVE,
    EmarketIndicator: NO_RESTRICTIONS,
    MailIndicator: NO_RESTRICTIONS,
    PhoneIndicator: NO_RESTRICTIONS,
    OriginalSource: BOX_OFFICE,
    SortName: [LastName, FirstName].filter(Boolean).join('/').slice(0, 55),
    ...values,
  };
}

function isOurs(store: Store, actor: Actor, { Address }: Values): boolean {
  const others = store.idsWithEmail(emailKey(String(Address)));
  return others.some((id) => store.columns(id)?.CreatedBy === actor.user);
}

function ofDetail(body: unknown): Wanted[] {
  const { data } = DetailSchema.safeParse(body);
  const all = (kind: WritableChild, bodies: readonly unknown[] | null | undefined) =>
    (bodies ?? []).map((row) => ({ kind, body: row }));
  return [
    ...all('Addresses', data?.Addresses),
    ...all('ElectronicAddresses', data?.ElectronicAddresses),
    ...all('PhoneNumbers', data?.PhoneNumbers),
    ...all('Salutations', data?.Salutations),
  ];
}

/** Each of them is the primary one, whatever its body says. */
function ofSnapshot(body: unknown): Wanted[] {
  const { data } = SnapshotSchema.safeParse(body);
  const one = (kind: WritableChild, row: unknown, mark: Values): Wanted[] => {
    const sent = NamesSchema.safeParse(row).data;
    return sent ? [{ kind, body: { ...sent, ...mark } }] : [];
  };
  const phones = data?.PrimaryPhoneNumbers ?? [];
  return [
    ...one('Addresses', data?.Address, { PrimaryIndicator: true }),
    ...one('ElectronicAddresses', data?.ElectronicAddress, { PrimaryIndicator: true }),
    ...phones.flatMap((row) => one('PhoneNumbers', row, {})),
    ...one('Salutations', data?.Salutation, { DefaultIndicator: true }),
  ];
}
