import { Fault } from '../../engine/fault.ts';
import type { SourceEdit, SourceResult, SourceWriter } from '../../engine/resource.ts';
import type { AccountRef, Session } from '../../engine/session.ts';
import { batchWrite, partFault, secretOf, type WritePart } from './client.ts';
import type { ConstituentEdit } from './constituent-edit.ts';
import { matchByEmail } from './constituent-match.ts';
import { retiring } from './edit-email.ts';
import { planEdit } from './edit-plan.ts';
import { retire } from './edit-retire.ts';
import { type Edit, readRows } from './edit-rows.ts';
import { isWrites, type PlanContext, partOf, type RowWrite } from './edit-write.ts';
import { EDITS_PER_WRITE, LATENESS } from './limits.ts';
import { localStamp, offsetAt } from './local-time.ts';
import { schedulePurge } from './purge.ts';
import type { Constituent } from './schema.ts';
import { EMAIL_PERMISSION } from './sharing.ts';

export interface ConstituentWriterOptions {
  account: AccountRef;
  /** Which contact permissions are about what: matched with the category, else the type. */
  permissions?: { email?: RegExp; phone?: RegExp; mail?: RegExp };
  /** The field of a target's record that holds its e-mail, for `match`; `email` unless said. */
  emailField?: string;
}

/**
 * Writes back into constituents: names, e-mail, phone and consent. Two calls for fifty edits (what is there now,
 * and the writes), four where an e-mail was replaced. A row that is not as it was read is a `conflict`.
 */
export function constituentWriter(
  options: ConstituentWriterOptions,
): SourceWriter<Constituent, ConstituentEdit> {
  const about = { email: EMAIL_PERMISSION, phone: /^(tele)?phone/i, mail: /^(direct |postal )?mail|^post/i };
  const wanted = { ...about, ...options.permissions };
  return {
    batchSize: EDITS_PER_WRITE,
    lateness: LATENESS,
    write: (session, edits) => write(session, edits, wanted),
    erase: (session, id) => erase(session, id),
    match: (session, targets) => matchByEmail(session, targets, options.emailField ?? 'email'),
  };
}

type Results = Map<string, SourceResult>;

/** Marks the constituent for the nightly purge; open business refuses it, and is never overridden. */
async function erase(session: Session, id: string): Promise<SourceResult> {
  const answer = await schedulePurge(session, id);
  if (answer.ok) return answer;
  const message = `the purge was refused: ${answer.because}; settle what is open in Tessitura, then replay`;
  return {
    ok: false,
    fault: new Fault('rejected', { vendor: 'tessitura', operation: 'purge.schedule', message }),
  };
}

async function write(
  session: Session,
  edits: readonly SourceEdit<Constituent, ConstituentEdit>[],
  about: PlanContext['about'],
): Promise<Results> {
  const results: Results = new Map();
  if (edits.length === 0) return results;
  const { timeZone } = await secretOf(session);
  const rows = await readRows(session, edits);
  const stamp = (at: number) => localStamp(at, offsetAt(timeZone, at));
  const wanted = new Wanted();
  const going: Edit[] = [];
  for (const edit of edits) {
    const planned = planEdit(edit, rows, { about, stamp });
    if (!isWrites(planned)) {
      results.set(edit.id, { ok: false, fault: planned });
      continue;
    }
    going.push(edit);
    for (const each of planned) wanted.add(edit.id, each);
  }
  for (const [id, result] of await carryOut(session, wanted, going)) results.set(id, result);
  const moved = going.filter((edit) => retiring(edit) !== undefined && results.get(edit.id)?.ok);
  for (const [id, fault] of await retire(session, moved)) results.set(id, { ok: false, fault });
  return results;
}

/** Rows to write, each once, however many edits are about it; of two answers on consent the no holds. */
class Wanted {
  readonly #writes = new Map<string, { write: RowWrite; ids: Set<string> }>();

  add(id: string, write: RowWrite): void {
    const key = write.row
      ? `${write.resource}/${write.row.Id}`
      : `${write.resource}/new/${this.#writes.size}`;
    const known = this.#writes.get(key);
    if (!known) {
      this.#writes.set(key, { write, ids: new Set([id]) });
      return;
    }
    const denied = [known.write.set, write.set].some((set) => set.AllowMarketing === false);
    const set = { ...known.write.set, ...write.set, ...(denied ? { AllowMarketing: false } : {}) };
    known.write = { ...write, set };
    known.ids.add(id);
  }

  /** A new primary e-mail comes last: it takes the mark from the old one, whose stamp is then another. */
  all(): { part: WritePart; ids: ReadonlySet<string> }[] {
    const isLast = ({ write }: { write: RowWrite }) => write.set.PrimaryIndicator === true;
    const all = [...this.#writes.values()];
    return [...all.filter((each) => !isLast(each)), ...all.filter(isLast)].map(({ write, ids }) => ({
      part: partOf(write),
      ids,
    }));
  }
}

/** An edit is done when all its rows are; one whose answer is missing has an unknown outcome and no result. */
async function carryOut(session: Session, wanted: Wanted, going: readonly Edit[]): Promise<Results> {
  const all = wanted.all();
  const results: Results = new Map(going.map(({ id }) => [id, { ok: true }]));
  const replies =
    all.length === 0
      ? []
      : await batchWrite(
          session,
          all.map(({ part }) => part),
        );
  for (const [index, { part, ids }] of all.entries()) {
    const reply = replies[index];
    if (reply && reply.status < 300) continue;
    for (const id of ids) {
      if (!reply) results.delete(id);
      else if (results.get(id)?.ok) results.set(id, { ok: false, fault: partFault(part, reply, 'write') });
    }
  }
  return results;
}
