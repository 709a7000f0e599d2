import { clearedFields, differingFields, type Fields, hashFields, pickFields } from './fields.ts';
import { TOLERANCE } from './flow.ts';
import type { History } from './history.ts';
import type { Job } from './job.ts';
import { type LinkBody, untold } from './link.ts';
import type { PairState } from './pair.ts';
import type { Read, Write } from './resource.ts';
import type { OutcomeKind } from './trail.ts';
import type { Want } from './want.ts';

/** What is known of the target for one job: nothing but our memory, or a reading of it. */
export interface Known {
  targetId: string | undefined;
  current?: Fields;
  /** Who wrote what of `current`, where the vendor tells. */
  history?: History;
  /** Of a merge: the target's record that it goes into. */
  into?: string;
  /** Of a merge: the source's record whose it becomes, because the target's has that one in it already. */
  heir?: string;
  /** Found just now and not linked yet, so nothing is known of its values. */
  adopted?: boolean;
  /** It carries nobody's reference yet. */
  stranger?: boolean;
}

/** A write to be made, or the ending of a record that needs none. */
export type Step =
  | { write: Write /** Fields emptied or a record taken away. */; removal: boolean; outcome: OutcomeKind }
  | { done: OutcomeKind; reason?: string };

/** The difference between what should be and what is known to be. Pure. */
export function step(job: Job, want: Want, known: Known): Step {
  switch (want.do) {
    case 'nothing':
      return { done: 'skipped', reason: want.because };
    case 'remove':
      if (known.targetId === undefined) return { done: 'skipped', reason: want.because };
      return {
        write: { ref: job.item.key.id, kind: 'remove', targetId: known.targetId, fields: {} },
        removal: true,
        outcome: 'removed',
      };
    case 'merge':
      if (known.targetId !== undefined && known.heir !== undefined)
        return {
          write: { ref: known.heir, kind: 'update', targetId: known.targetId, adopts: true, fields: {} },
          removal: false,
          outcome: 'updated',
        };
      if (known.targetId === undefined || known.into === undefined || known.into === known.targetId)
        return { done: 'skipped', reason: want.because };
      return {
        write: {
          ref: job.item.key.id,
          kind: 'merge',
          targetId: known.targetId,
          into: known.into,
          fields: {},
        },
        removal: true,
        outcome: 'removed',
      };
    case 'mark':
      if (known.targetId === undefined) return { done: 'skipped', reason: want.because };
      return update(job, want.fields, known, true);
    case 'put':
      if (known.targetId !== undefined) return update(job, want.fields, known, false);
      return {
        write: { ref: job.item.key.id, kind: 'create', fields: want.fields },
        removal: false,
        outcome: 'created',
      };
  }
}

function update(job: Job, fields: Fields, known: Known, marks: boolean): Step {
  const { targetId, current } = known;
  const write = (some: Fields): Write => ({
    ref: job.item.key.id,
    kind: 'update',
    ...(targetId === undefined ? {} : { targetId }),
    ...(known.adopted ? { adopts: true } : {}),
    fields: some,
  });
  const outcome = known.adopted ? 'adopted' : 'updated';
  // A pair is written only where it differs: a whole record would take along what a person changed meanwhile.
  if (current && (!job.forced || job.item.collection.back)) {
    const names = differingFields(current, fields);
    if (names.length === 0 && !known.adopted) return { done: 'unchanged' };
    const removal = clearedFields(current, fields).length > 0;
    return { write: write(pickFields(fields, names)), removal: removal || marks, outcome };
  }
  const trusted = !job.forced && !known.adopted;
  if (trusted && job.body.hash === hashFields(fields)) return { done: 'unchanged' };
  return { write: write(fields), removal: marks || filledCount(fields) < (job.body.filled ?? 0), outcome };
}

/** The body after the target agrees with what is wanted; `pair` replaces what was remembered of a pair. Pure. */
export function agreed(job: Job, want: Want, targetId: string | undefined, pair?: PairState): LinkBody {
  const body: LinkBody = { version: 1, readAt: job.readAt, outcomes: job.body.outcomes };
  if (pair) body.pair = pair;
  if (job.body.wroteAt !== undefined) body.wroteAt = job.body.wroteAt;
  if (job.body.erasedAt !== undefined) body.erasedAt = job.body.erasedAt;
  const affects = [...want.affects];
  if (affects.length > 0) body.affects = affects;
  if (want.basis !== undefined) body.basis = want.basis;
  if (want.recheckAt !== undefined) body.recheckAt = want.recheckAt;
  if (want.do === 'put') {
    body.state = 'present';
    body.hash = hashFields(want.fields);
    body.filled = filledCount(want.fields);
  } else {
    body.state = want.state;
    body.absentBecause = want.because;
    if (want.do === 'mark') body.hash = hashFields(want.fields);
  }
  if (targetId !== undefined && want.do !== 'remove' && want.do !== 'merge') body.targetId = targetId;
  return body;
}

/**
 * Whom to tell: everybody who depends on this record now or did before, if it may be no longer what they saw.
 * A record that was only rung itself tells nobody unless it has changed, or two would ring each other for ever.
 */
export function ringsOf(job: Job, want: Want, written: boolean): string[] {
  const before = job.body.affects ?? [];
  const same = before.length === want.affects.length && before.every((name) => want.affects.includes(name));
  const moved = job.body.state !== (want.do === 'put' ? 'present' : want.state);
  const changed = want.basis === undefined ? written || moved : want.basis !== job.body.basis;
  return changed || !same || isUntold(job) ? dependents(job, want) : [];
}

/** Everybody who depends on this record now or did before. */
export function dependents(job: Job, want: Pick<Want, 'affects'>): string[] {
  const self = `${job.item.key.collection}/${job.item.key.id}`;
  const all = [...(job.body.affects ?? []), ...want.affects];
  return [...new Set(all)].filter((name) => name !== self);
}

/** A change that the source told of, and that those who depend on the record were not told of since. */
export function isUntold({ body, item }: Job): boolean {
  return untold(body, item, item.collection.source.readLag + TOLERANCE);
}

/** A reading of the target as what is known of it. Throws the fault of an unreadable one. */
export function currentOf(read: Read<Fields>, targetId: string): Known {
  switch (read.state) {
    case 'present':
      return { targetId, current: read.record };
    // The survivor may carry another record's reference: like a deleted one, ours is looked for anew.
    case 'merged':
    case 'gone':
      return { targetId: undefined };
    case 'unreadable':
      throw read.fault;
  }
}

function filledCount(fields: Fields): number {
  return Object.values(fields).filter((value) => value !== null && value !== '').length;
}
