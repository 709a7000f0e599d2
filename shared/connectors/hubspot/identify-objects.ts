import type { Identity, Read } from '../../engine/resource.ts';
import type { Session } from '../../engine/session.ts';
import { eachOf } from './at-once.ts';
import { batchRead } from './batch.ts';
import { fieldsIn } from './contact-fields.ts';
import { type OneRead, readObject } from './object-reads.ts';
import type { HubspotRecord } from './schema.ts';
import type { ObjectType } from './versions.ts';

/** What is asked of a record to know which one it is. */
export interface IdentityRule {
  type: ObjectType;
  reference: string;
  /** Properties that match rules use. */
  identity: readonly string[];
}

/** What the batch does not show is read alone: only there HubSpot says whether it is gone or merged. */
export async function identifyObjects(
  session: Session,
  ids: readonly string[],
  { type, reference, identity }: IdentityRule,
): Promise<ReadonlyMap<string, Read<Identity>>> {
  const wanted = { type, properties: [...new Set([reference, ...identity])] };
  const known = (record: HubspotRecord): Read<Identity> => {
    const ref = record.properties[reference];
    const fields = fieldsIn(record, identity);
    return { state: 'present', record: ref ? { ref, fields } : { fields } };
  };
  const found = new Map((await batchRead(session, ids, wanted)).map((each) => [each.id, each]));
  const distinct = [...new Set(ids)];
  const reads = await eachOf(distinct, async (id): Promise<OneRead> => {
    const record = found.get(id);
    return record ? { state: 'present', record } : await readObject(session, id, wanted);
  });
  return new Map(
    distinct.flatMap((id, n): [string, Read<Identity>][] => {
      const read = reads[n];
      return read ? [[id, read.state === 'present' ? known(read.record) : read]] : [];
    }),
  );
}
