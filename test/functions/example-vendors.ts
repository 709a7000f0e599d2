import type { Read, Source, Target, WriteResult } from '../../shared/engine/resource.ts';
import type { AccountRef } from '../../shared/engine/session.ts';

export interface Member {
  name: string;
  retiredOn?: string;
}

interface Person {
  ref: string;
  fields: Record<string, string | number | boolean | null>;
}

/** Two vendors that live in memory, shaped as connectors export theirs: for the example and its tests. */
export const rehearsals = new Map<string, Member>();
export const payroll = new Map<string, Person>();

export function members({ account }: { account: string }): Source<Member> {
  const read = (id: string): Read<Member> => {
    const record = rehearsals.get(id);
    return record ? { state: 'present', record } : { state: 'gone' };
  };
  return {
    account: accountOf('rehearsals', account),
    title: 'Rehearsal members',
    batchSize: 50,
    readLag: 0,
    overlap: 60_000,
    callsPerRead: 1,
    read: async (_session, ids) =>
      new Map(ids.filter((id) => rehearsals.has(id)).map((id) => [id, read(id)])),
    readOne: async (_session, id) => read(id),
    scan: async () => ({ items: [...rehearsals.keys()].map((id) => ({ id, changeId: id })) }),
    list: async () => ({ items: [...rehearsals.keys()], total: rehearsals.size }),
  };
}

export function people({ account }: { account: string }): Target {
  const read = (targetId: string): Read<Person['fields']> => {
    const person = payroll.get(targetId);
    return person ? { state: 'present', record: person.fields } : { state: 'gone' };
  };
  const found = (ref: string) =>
    [...payroll]
      .filter(([, each]) => each.ref === ref)
      .map(([targetId]) => ({ targetId, ref, by: 'reference' as const }));
  return {
    account: accountOf('payroll', account),
    title: 'Payroll people',
    batchSize: 50,
    readLag: 0,
    lateness: 1_000,
    lookup: 'before-create',
    read: async (_session, ids) => new Map(ids.filter((id) => payroll.has(id)).map((id) => [id, read(id)])),
    readOne: async (_session, id) => read(id),
    find: async (_session, wanted) => new Map(wanted.map(({ ref }) => [ref, found(ref)])),
    write: async (_session, writes) =>
      new Map(
        writes.map(({ ref, kind, targetId, fields }): [string, WriteResult] => {
          const id = targetId ?? `p${payroll.size + 1}`;
          const created = !payroll.has(id);
          if (kind === 'remove') payroll.delete(id);
          else payroll.set(id, { ref, fields: { ...payroll.get(id)?.fields, ...fields } });
          return [ref, { ok: true, targetId: id, created }];
        }),
      ),
    list: async () => ({ items: [...payroll].map(([targetId, { ref }]) => ({ targetId, ref })) }),
  };
}

function accountOf(vendor: string, name: string): AccountRef {
  return { vendor, name, limits: () => ({}) };
}
