import * as z from 'zod';
import type { Fault } from '../../engine/fault.ts';
import type { Session } from '../../engine/session.ts';
import { batch, batchWrite, partFault, query } from './client.ts';
import { retiring } from './edit-email.ts';
import type { Edit } from './edit-rows.ts';
import { partOf } from './edit-write.ts';

const RowsSchema = z.array(
  z.looseObject({
    Id: z.int(),
    UpdatedDateTime: z.string(),
    Inactive: z.boolean(),
    PrimaryIndicator: z.boolean(),
  }),
);

/**
 * Makes the e-mails inactive that a new primary one has replaced. It comes afterwards, with stamps read anew,
 * because the new one takes the mark from the old one; so nobody is without an e-mail in between. An address that
 * is left active when this fails does no harm: it is one more that the patron has.
 */
export async function retire(session: Session, moved: readonly Edit[]): Promise<Map<string, Fault>> {
  const faults = new Map<string, Fault>();
  if (moved.length === 0) return faults;
  const constituentIds = moved.map(({ id }) => id).join(',');
  const resource = 'CRM/ElectronicAddresses' as const;
  const look = {
    operation: 'edits.look',
    resource,
    path: `${resource}${query({ constituentIds, includeAffiliations: false })}`,
  };
  const [reply] = await batch(session, [look]);
  const rows = RowsSchema.safeParse(reply?.value).data ?? [];
  const ending = moved.flatMap((edit) => {
    const row = rows.find((each) => each.Id === retiring(edit));
    if (!row || row.Inactive || row.PrimaryIndicator) return [];
    return [{ id: edit.id, part: partOf({ resource, row, set: { Inactive: true } }) }];
  });
  const replies =
    ending.length === 0
      ? []
      : await batchWrite(
          session,
          ending.map(({ part }) => part),
        );
  for (const [index, { id, part }] of ending.entries()) {
    const answer = replies[index];
    if (answer && answer.status >= 300) faults.set(id, partFault(part, answer, 'write'));
  }
  return faults;
}
