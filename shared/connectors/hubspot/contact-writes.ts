import { asFault, Fault, type FaultKind } from '../../engine/fault.ts';
import type { Fields } from '../../engine/fields.ts';
import type { Write, WriteResult } from '../../engine/resource.ts';
import type { Session } from '../../engine/session.ts';
import { eachOf } from './at-once.ts';
import { batchRead } from './batch.ts';
import { withoutBounce } from './bounce-field.ts';
import { isOfTopic, writeTogether } from './consent-batch.ts';
import type { ConsentField } from './consent-fields.ts';
import { type Decision, writeDecisions } from './consent-writes.ts';
import type { Composed } from './contact-fields.ts';
import { VENDOR } from './faults.ts';
import { writeMerges } from './merge-writes.ts';
import { isolated, type WriteRule, writeObjects } from './object-writes.ts';

type Results = Map<string, WriteResult>;

/** Faults of the account, not of the record: what has not been tried yet would fail in the same way. */
const OF_ACCOUNT: ReadonlySet<FaultKind> = new Set(['rate-limited', 'unavailable', 'auth-expired']);

/** A contact whose properties are written, and what is left to be said of its consents. */
interface Pending {
  ref: string;
  targetId: string;
  /** From the write itself; undefined = as HubSpot has it, null = none. */
  email: string | null | undefined;
  decisions: readonly Decision[];
}

/** Merges before everything else: what is written of a survivor afterwards is written to the record that it is by then. */
export async function writeContacts(
  session: Session,
  all: readonly Write[],
  { bounce, ...rule }: WriteRule & Composed,
): Promise<ReadonlyMap<string, WriteResult>> {
  const writes = bounce ? all.map((each) => withoutBounce(each, bounce)) : all;
  const merges = writes.filter((each) => each.kind === 'merge');
  if (merges.length === 0) return await writeValues(session, writes, rule);
  const results = await writeMerges(session, merges);
  const others = writes.filter((each) => each.kind !== 'merge');
  for (const [ref, result] of await isolated(session, (...of) => writeValues(...of, rule), others))
    results.set(ref, result);
  return results;
}

/**
 * Writes contacts, then the consents among their fields: those are no properties but subscriptions of an e-mail
 * address. A record is done when both are; one whose consent failed is written again as a whole.
 */
async function writeValues(
  session: Session,
  writes: readonly Write[],
  { consents, ...rule }: WriteRule & { consents: readonly ConsentField[] },
): Promise<Results> {
  if (consents.length === 0) return new Map(await writeObjects(session, writes, rule));
  const plain = writes.map((write) => ({ ...write, fields: without(write.fields, consents) }));
  const asIs = plain.filter(saysNothing);
  const results: Results = new Map(
    asIs.map(({ ref, targetId = '' }) => [ref, { ok: true, targetId, created: false }]),
  );
  const rest = plain.filter((each) => !saysNothing(each));
  for (const [ref, result] of await writeObjects(session, rest, rule)) results.set(ref, result);
  const pending = writes.flatMap((write) => pendingOf(write, results, consents));
  const ready = await withEmails(session, pending, results);
  await writeConsents(session, ready, results);
  return results;
}

/** An update of nothing but consents needs no call for its properties. */
function saysNothing({ kind, targetId, fields, adopts }: Write): boolean {
  return kind === 'update' && targetId !== undefined && !adopts && Object.keys(fields).length === 0;
}

function without(fields: Fields, consents: readonly ConsentField[]): Fields {
  const names = new Set(consents.map((each) => each.field));
  return Object.fromEntries(Object.entries(fields).filter(([name]) => !names.has(name)));
}

function pendingOf(write: Write, results: Results, consents: readonly ConsentField[]): Pending[] {
  const result = results.get(write.ref);
  if (!result?.ok || write.kind === 'remove') return [];
  try {
    const decisions = consents.flatMap((consent) => decisionOn(consent, write.fields));
    if (decisions.length === 0) return [];
    const { email } = write.fields;
    const stated =
      typeof email === 'string' ? email.trim().toLowerCase() || null : email === null ? null : undefined;
    return [{ ref: write.ref, targetId: result.targetId, email: stated, decisions }];
  } catch (thrown) {
    results.set(write.ref, { ok: false, fault: asFault(thrown, 'preferences.write') });
    return [];
  }
}

/** Nothing can be written for "unknown": HubSpot has no way back to it once something was said. */
function decisionOn(consent: ConsentField, fields: Fields): Decision[] {
  const value = fields[consent.field] ?? null;
  if (value === null || value === '') return [];
  if (value === 'granted' || value === 'denied') return [{ consent, granted: value === 'granted' }];
  const message = `${consent.field} must be granted, denied or empty; correct the mapping`;
  throw new Fault('rejected', {
    vendor: VENDOR,
    operation: 'preferences.write',
    field: consent.field,
    message,
  });
}

/** Those that have an address; the others get their results here. */
async function withEmails(
  session: Session,
  pending: readonly Pending[],
  results: Results,
): Promise<(Pending & { email: string })[]> {
  const unknown = pending.filter((each) => each.email === undefined).map((each) => each.targetId);
  const emails = await emailsOf(session, unknown, pending, results);
  return pending.flatMap((each) => {
    if (results.get(each.ref)?.ok !== true) return [];
    const email = each.email === undefined ? emails.get(each.targetId) : each.email;
    if (email) return [{ ...each, email }];
    results.set(
      each.ref,
      each.email === undefined && email === undefined ? { ok: false, lost: true } : noEmail(each),
    );
    return [];
  });
}

/** By contact; null = it has none. A contact that is not there any more is missing. */
async function emailsOf(
  session: Session,
  ids: readonly string[],
  pending: readonly Pending[],
  results: Results,
): Promise<ReadonlyMap<string, string | null>> {
  try {
    const records = await batchRead(session, ids, { type: 'contacts', properties: ['email'] });
    return new Map(records.map(({ id, properties }) => [id, properties.email || null]));
  } catch (thrown) {
    const fault = asFault(thrown, 'contacts.read');
    for (const { ref, email } of pending) if (email === undefined) results.set(ref, { ok: false, fault });
    return new Map();
  }
}

function noEmail({ decisions }: Pending): WriteResult {
  const field = decisions[0]?.consent.field ?? 'email';
  const message = `the contact has no e-mail address, and HubSpot keeps ${field} by address; leave ${field} empty for contacts without one`;
  return {
    ok: false,
    fault: new Fault('rejected', { vendor: VENDOR, operation: 'preferences.write', field, message }),
  };
}

async function writeConsents(
  session: Session,
  ready: readonly (Pending & { email: string })[],
  results: Results,
): Promise<void> {
  const { left, account: refused } = await together(session, ready);
  let account = refused;
  const faults = await eachOf(left, async ({ email, decisions }) => {
    if (account) return account;
    const fault = await attempt(session, email, decisions);
    if (fault && OF_ACCOUNT.has(fault.kind)) account ??= fault;
    return fault;
  });
  left.forEach(({ ref }, n) => {
    const fault = faults[n];
    if (fault) results.set(ref, { ok: false, fault });
  });
}

/** What one call may do for many. The rest is left: singly each can be repeated without harm, and says why it fails. */
async function together<P extends Pending & { email: string }>(
  session: Session,
  ready: readonly P[],
): Promise<{ left: readonly P[]; account?: Fault }> {
  const plain = ready
    .flatMap((pending) => {
      const [decision, ...more] = pending.decisions;
      return decision && more.length === 0 ? [{ email: pending.email, decision, pending }] : [];
    })
    .filter(isOfTopic);
  if (plain.length < 2) return { left: ready };
  try {
    const done = await writeTogether(session, plain);
    const confirmed = new Set([...done].map(({ pending }) => pending));
    return { left: ready.filter((pending) => !confirmed.has(pending)) };
  } catch (thrown) {
    const fault = asFault(thrown, 'preferences.write-batch');
    return OF_ACCOUNT.has(fault.kind) ? { left: ready, account: fault } : { left: ready };
  }
}

async function attempt(
  session: Session,
  email: string,
  decisions: readonly Decision[],
): Promise<Fault | undefined> {
  try {
    await writeDecisions(session, email, decisions);
    return undefined;
  } catch (thrown) {
    return asFault(thrown, 'preferences.write');
  }
}
