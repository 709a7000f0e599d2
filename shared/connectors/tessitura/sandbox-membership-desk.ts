import * as z from 'zod';
import type { SandboxEdit } from '../sandbox.ts';
import { dateStamp, dayAt } from './sandbox-calendar.ts';
import { type Desk, day, filledIn, found, id, mustExist } from './sandbox-desk-form.ts';
import { LEVELS, MEMBER, termFrom } from './sandbox-history.ts';

/** New: whose, and which level. */
const MembershipSchema = z.strictObject({
  Constituent: id,
  Level: z.enum(LEVELS.map((level) => level.Description)).default('Friend'),
  From: day.optional(),
});
/** An existing one is renewed, or given another last day. */
const TermSchema = z.strictObject({ Expires: day.optional() });

/** Without an id a new membership; with one a renewal, another last day, or with `remove` its cancellation. */
export function editMembership(desk: Desk, { id: key, set, remove }: SandboxEdit): number {
  if (key === undefined) return join(desk, filledIn(MembershipSchema, set));
  return remove ? cancel(desk, Number(key)) : change(desk, Number(key), filledIn(TermSchema, set));
}

function join(desk: Desk, { Constituent, Level, From }: z.infer<typeof MembershipSchema>): number {
  mustExist(desk.store, Constituent);
  const began = From ?? dayAt(desk.store.now());
  const values = {
    Constituent: { Id: Constituent },
    MembershipLevel: LEVELS.find((level) => level.Description === Level),
    CurrentStatus: MEMBER.active,
    IsCurrent: true,
    IsDefault: true,
    ...termFrom(began),
    InceptionDate: dateStamp(began),
  };
  return desk.store.addChild(desk.actor, 'Memberships', Constituent, values).Id;
}

/** A renewal is a row of its own, which begins the day after the last one ends, or today. */
export function renew(desk: Desk, membership: number): number {
  const { parent, row } = found('membership', membership, desk.store.child('Memberships', membership));
  const { Id: _id, ExpirationDate, ...values } = row;
  const today = dayAt(desk.store.now());
  const next = typeof ExpirationDate === 'string' ? dayAt(Date.parse(ExpirationDate)) + 1 : today;
  const term = termFrom(Math.max(next, today));
  return desk.store.addChild(desk.actor, 'Memberships', parent, { ...values, ...term }).Id;
}

function change(desk: Desk, membership: number, { Expires }: z.infer<typeof TermSchema>): number {
  if (Expires === undefined) return renew(desk, membership);
  const values = {
    ExpirationDate: dateStamp(Expires),
    LapseDate: dateStamp(Expires + 45),
    RenewalDate: null,
  };
  return found('membership', membership, desk.store.setChild(desk.actor, 'Memberships', membership, values))
    .Id;
}

function cancel({ store, actor }: Desk, membership: number): number {
  const values = { CurrentStatus: MEMBER.cancelled };
  return found('membership', membership, store.setChild(actor, 'Memberships', membership, values)).Id;
}
