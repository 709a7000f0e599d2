import * as z from 'zod';
import type { Read } from '../../engine/resource.ts';
import type { Session } from '../../engine/session.ts';
import { readWrites, writerOf } from './audit-writes.ts';
import { type Part, type PartReply, parsed, secretOf } from './client.ts';
import { type Constituent, type Detail, primaryEmailRow } from './schema.ts';
import { attachedPart } from './sharing.ts';
import { explained } from './writes-explained.ts';

const AttachedSchema = z.object({ IsAttachedToLogin: z.boolean() });

/** For each record with a primary e-mail, whether a login uses it. */
export function attachedParts(details: readonly Detail[]): Map<number, Part> {
  return new Map(
    details.flatMap((detail) => {
      const row = primaryEmailRow(detail);
      return row ? [[detail.Id, attachedPart(row.Id)] as const] : [];
    }),
  );
}

/** Where the service fails to say, a login is assumed: then nobody changes the e-mail. */
export function isAttached(part: Part, reply: PartReply | undefined): boolean {
  if (reply?.status !== 200) return true;
  return parsed({ ...part, method: 'GET', effect: 'read' }, AttachedSchema, reply.value).IsAttachedToLogin;
}

/**
 * Adds who wrote what. It is asked after the records are read, so that the log is never behind what they show
 * but where its own commits are.
 */
export async function withWrites<M extends Map<string, Read<Constituent>>>(
  session: Session,
  reads: M,
  { days }: { days: number },
): Promise<M> {
  const present = [...reads].flatMap(([id, read]) =>
    read.state === 'present' ? [[id, read.record] as const] : [],
  );
  const ids = present.map(([id]) => id);
  const told = await readWrites(session, ids, days);
  if (!told) return reads;
  const secret = await secretOf(session);
  for (const [id, record] of present) {
    const writes = explained(record, told.get(id) ?? [], (name) => writerOf(secret, name));
    reads.set(id, { state: 'present', record: { ...record, writes } });
  }
  return reads;
}
