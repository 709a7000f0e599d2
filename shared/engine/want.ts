import { hash } from 'node:crypto';
import { asFault, Fault } from './fault.ts';
import type { Fields } from './fields.ts';
import type { Collection, EndPolicy, Mapped } from './flow.ts';
import type { Millis } from './ports.ts';
import type { Read } from './resource.ts';

/** Whom a record's change concerns, and what of it. */
interface Concern {
  affects: readonly string[];
  /** Hash of what the others depend on. */
  basis?: string;
  recheckAt?: Millis;
}

interface Ended extends Concern {
  state: 'absent' | 'gone';
  because: string;
  /** The person was erased at the source, which is more than a deletion. */
  erased?: boolean;
}

/** What should be true at the target for one record. */
export type Want =
  | ({ do: 'put'; fields: Fields } & Concern)
  /** Set these fields if the record is there; never create it for them. */
  | ({ do: 'mark'; fields: Fields } & Ended)
  | ({ do: 'remove' } & Ended)
  /** Merge its record at the target into that of the source's record with this id. */
  | ({ do: 'merge'; into: string } & Ended)
  | ({ do: 'nothing' } & Ended);

/** A reading and a mapping become what should be; throws the Fault that keeps it from being known. Pure. */
export function wanted(collection: Collection, read: Read<unknown>, now: Millis): Want {
  switch (read.state) {
    case 'unreadable':
      throw read.fault;
    case 'gone':
      if (read.erased && collection.back)
        return { do: 'nothing', state: 'gone', because: 'erased at the source', erased: true, affects: [] };
      return ended(collection.whenGone, { state: 'gone', because: 'deleted at the source', affects: [] });
    case 'merged': {
      const affects = [`${collection.name}/${read.into}`];
      const end = { state: 'gone', because: `merged into ${read.into} at the source`, affects } as const;
      if (collection.whenMerged === 'merge') return { do: 'merge', into: read.into, ...end };
      return ended(collection.whenMerged, end);
    }
    case 'present':
      return fromMapping(collection, mapOrFault(collection, read.record, now));
  }
}

/** Whom a record concerns that could not be wanted: they read it for themselves, and must hear that it changed. */
export function concernedBy(collection: Collection, read: Read<unknown> | undefined, now: Millis): string[] {
  if (read?.state !== 'present') return [];
  try {
    const { affects = [] } = collection.map(read.record, { now });
    return affects.map((id) => `${collection.name}/${id}`);
  } catch {
    return [];
  }
}

function mapOrFault(collection: Collection, record: unknown, now: Millis): Mapped {
  try {
    return collection.map(record, { now });
  } catch (thrown) {
    throw asFault(thrown, `map ${collection.name}`);
  }
}

function fromMapping(collection: Collection, mapped: Mapped): Want {
  switch (mapped.kind) {
    case 'present':
      return { do: 'put', fields: mapped.fields, ...concern(collection, mapped) };
    case 'absent':
      return ended(collection.whenAbsent, {
        state: 'absent',
        because: mapped.because,
        ...concern(collection, mapped),
      });
    case 'waiting':
      if (!mapped.for.includes('/'))
        throw new Fault(
          'bug',
          mapFault(collection, 'it waits for a record that is not named <collection>/<id>'),
        );
      throw new Fault('waiting', { ...mapFault(collection, mapped.because), waitingFor: mapped.for });
    case 'rejected':
      throw new Fault('rejected', { ...mapFault(collection, mapped.because), field: mapped.field });
  }
}

function concern(collection: Collection, mapped: Extract<Mapped, { kind: 'present' | 'absent' }>): Concern {
  const found: Concern = { affects: (mapped.affects ?? []).map((id) => `${collection.name}/${id}`) };
  if (mapped.basis !== undefined) found.basis = hash('sha256', mapped.basis).slice(0, 12);
  if (mapped.recheckAt !== undefined) found.recheckAt = mapped.recheckAt;
  return found;
}

function ended(policy: EndPolicy, end: Ended): Want {
  if (policy === 'remove') return { do: 'remove', ...end };
  // Only a merge can be followed by one: flow-check refuses the policy elsewhere.
  if (policy === 'keep' || policy === 'merge') return { do: 'nothing', ...end };
  return { do: 'mark', fields: policy.mark, ...end };
}

function mapFault(
  collection: Collection,
  message: string,
): { vendor: string; operation: string; message: string } {
  return { vendor: 'intertie', operation: `map ${collection.name}`, message };
}
