import { asFault, Fault } from './fault.ts';
import type { Fields } from './fields.ts';
import type { Collection, EndPolicy, Mapped } from './flow.ts';
import type { Millis } from './ports.ts';
import type { Read } from './resource.ts';

/** What should be true at the target for one record. */
export type Want =
  | { do: 'put'; fields: Fields; affects: readonly string[]; recheckAt?: Millis }
  /** Set these fields if the record is there; never create it for them. */
  | { do: 'mark'; fields: Fields; state: 'absent' | 'gone'; because: string; affects: readonly string[] }
  | {
      do: 'remove';
      state: 'absent' | 'gone';
      because: string;
      affects: readonly string[];
      recheckAt?: Millis;
    }
  | {
      do: 'nothing';
      state: 'absent' | 'gone';
      because: string;
      affects: readonly string[];
      recheckAt?: Millis;
    };

/** A reading and a mapping become what should be; throws the Fault that keeps it from being known. Pure. */
export function wanted(collection: Collection, read: Read<unknown>, now: Millis): Want {
  switch (read.state) {
    case 'unreadable':
      throw read.fault;
    case 'gone':
      return ended(collection.whenGone, { state: 'gone', because: 'deleted at the source', affects: [] });
    case 'merged': {
      const affects = [`${collection.name}/${read.into}`];
      return ended(collection.whenMerged, {
        state: 'gone',
        because: `merged into ${read.into} at the source`,
        affects,
      });
    }
    case 'present':
      return fromMapping(collection, mapOrFault(collection, read.record, now));
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
  const affects = 'affects' in mapped ? (mapped.affects ?? []).map((id) => `${collection.name}/${id}`) : [];
  const timed =
    'recheckAt' in mapped && mapped.recheckAt !== undefined ? { recheckAt: mapped.recheckAt } : {};
  switch (mapped.kind) {
    case 'present':
      return { do: 'put', fields: mapped.fields, affects, ...timed };
    case 'absent':
      return {
        ...ended(collection.whenAbsent, { state: 'absent', because: mapped.because, affects }),
        ...timed,
      };
    case 'waiting':
      throw new Fault('waiting', { ...mapFault(collection, mapped.because), waitingFor: mapped.for });
    case 'rejected':
      throw new Fault('rejected', { ...mapFault(collection, mapped.because), field: mapped.field });
  }
}

function ended(
  policy: EndPolicy,
  end: { state: 'absent' | 'gone'; because: string; affects: readonly string[] },
): Want {
  if (policy === 'remove') return { do: 'remove', ...end };
  if (policy === 'keep') return { do: 'nothing', ...end };
  return { do: 'mark', fields: policy.mark, ...end };
}

function mapFault(
  collection: Collection,
  message: string,
): { vendor: string; operation: string; message: string } {
  return { vendor: 'intertie', operation: `map ${collection.name}`, message };
}
