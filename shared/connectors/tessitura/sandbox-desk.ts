import type { SandboxEdit } from '../sandbox.ts';
import { sandboxBoxOffice } from './sandbox-box-office.ts';
import { CHILD_KINDS, type ChildKind } from './sandbox-children.ts';
import type { Hands } from './sandbox-desk-form.ts';
import { pick, roll } from './sandbox-dice.ts';
import { fill, newConstituent, parseForm } from './sandbox-form.ts';
import { merge } from './sandbox-merge.ts';
import { PLAIN } from './sandbox-names.ts';
import { runPurges } from './sandbox-purge.ts';
import { detailOf } from './sandbox-reads.ts';
import { editRow, followLogin, ROW_RECORDS, rowKind } from './sandbox-row-edits.ts';
import type { Actor, Store } from './sandbox-store.ts';

/** Records that `edit` takes, the usual one first. */
export const DESK_RECORDS = [
  'constituent',
  'membership',
  'ticket',
  'scan',
  'performance',
  'affiliation',
  'electronic-address',
  'phone',
  'address',
  'contact-permission',
  'web-login',
  'purge-job',
] as const;

/** The people who edit: the box office, the patrons on the web site, other integrations. */
export function sandboxDesk(store: Store, seed: number, hands: Hands) {
  let acts = 0;
  let derivedCount: number | undefined;

  const boxOffice = sandboxBoxOffice(store, hands);
  const edit = (wanted: SandboxEdit): string => {
    const actor = hands(wanted.by);
    const kind = rowKind(wanted.record);
    if (kind) return editRow(store, kind, actor, wanted);
    if (wanted.record === 'purge-job') return String(runPurges(store, actor));
    const business = boxOffice.edit(wanted);
    if (business !== undefined) return business;
    if (wanted.record !== 'constituent')
      throw new Error(`no record "${wanted.record}"; there is: ${DESK_RECORDS.join(', ')}`);
    return editConstituent(store, actor, wanted);
  };

  return {
    edit,
    peek: (record: string, id: string) => peek(store, record, Number(id)),
    /** A correction (name, phone, address, e-mail, consent), or business (a sale, a return, a scan, a renewal). */
    act(): void {
      acts += 1;
      const [who, what] = [roll(seed, acts, 200), roll(seed, acts, 201)];
      const id = firstFrom(store, 1 + (who % store.layout.size));
      const changes: Omit<SandboxEdit, 'record'>[] = [
        { set: { LastName: pick(PLAIN.last, what) } },
        { set: { Phone: `212-555-${String(1_000 + (what % 9_000))}` } },
        { set: { Street1: `${1 + (what % 900)} Amsterdam Ave`, City: 'New York' } },
        { set: { Email: `changed.${acts}.${id}@example.com` } },
        { set: { EmailPermission: what % 2 === 0 ? 'Y' : 'N' }, by: what % 3 === 0 ? 'staff' : 'person' },
      ];
      if (id === undefined) return;
      if (acts % 2 === 0) boxOffice.act(id, what);
      else edit({ record: 'constituent', id: String(id), ...pick(changes, (acts - 1) / 2) });
    },
    constituents(): number {
      derivedCount ??= countDerived(store);
      return derivedCount + store.lastId() - store.layout.size - store.endedCount();
    },
  };
}

function editConstituent(store: Store, actor: Actor, { id, set, remove, by }: SandboxEdit): string {
  const form = parseForm(set ?? {});
  const existing = id === undefined ? undefined : existingId(store, id);
  if (remove) {
    if (existing === undefined) throw new Error('remove needs the id of a constituent');
    if (form.MergeInto === undefined) store.end(actor, existing, undefined);
    else merge(store, actor, { from: existing, into: existingId(store, String(form.MergeInto)) });
    return String(existing);
  }
  const target = existing ?? store.addConstituent(actor, newConstituent(form));
  fill(store, actor, target, form);
  if (by === 'person' && form.Email) followLogin(store, actor, target);
  return String(target);
}

const HISTORY_RECORDS: Readonly<Record<string, ChildKind>> = {
  ...ROW_RECORDS,
  ticket: 'SubLineItems',
  membership: 'Memberships',
};

function peek(store: Store, record: string, id: number): Readonly<Record<string, unknown>> | undefined {
  if (record === 'performance') return store.shows.peek(id);
  const kind = HISTORY_RECORDS[record];
  if (kind) return store.child(kind, id)?.row;
  const columns = record === 'constituent' ? store.columns(id) : undefined;
  if (!columns) return undefined;
  const rows = CHILD_KINDS.map((each) => [each, store.children(each, columns.Id)]);
  return { ...detailOf(store, columns), ...Object.fromEntries(rows), PurgeScheduled: store.purges.has(id) };
}

function existingId(store: Store, id: string): number {
  const number = Number(id);
  if (!store.columns(number)) throw new Error(`there is no constituent ${id}`);
  return number;
}

/** The first constituent at or after an id, else the first of all: some ids are merged away. */
function firstFrom(store: Store, start: number): number | undefined {
  const count = store.lastId();
  for (let step = 0; step < count; step += 1) {
    const id = 1 + ((start - 1 + step) % count);
    if (store.columns(id)) return id;
  }
  return undefined;
}

function countDerived(store: Store): number {
  let count = 0;
  for (let id = 1; id <= store.layout.size; id += 1) if (!store.derivedEnd(id)) count += 1;
  return count;
}
