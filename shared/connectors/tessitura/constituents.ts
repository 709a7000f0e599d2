import type { Source } from '../../engine/resource.ts';
import type { AccountRef } from '../../engine/session.ts';
import { scanAuditLog } from './audit-feed.ts';
import { SecretSchema } from './auth.ts';
import { secretOf } from './client.ts';
import type { Include } from './constituent-history.ts';
import type { Wanted } from './constituent-parts.ts';
import { readMany, readOne } from './constituent-read.ts';
import { scanDoors } from './door-scans.ts';
import {
  CALLS_PER_READ,
  DEFAULT_CONCURRENCY,
  OVERLAP,
  READ_LAG,
  RECORDS_PER_READ,
  WRITE_DAYS,
} from './limits.ts';
import { listContents } from './list-enumeration.ts';
import { listByProcedure, scanByProcedure } from './procedures.ts';
import type { Constituent } from './schema.ts';
import { EMAIL_PERMISSION, type EmailPermission } from './sharing.ts';

/** A Tessitura account by the name of its secret. */
export function tessituraAccount(name: string): AccountRef {
  return {
    vendor: 'tessitura',
    name,
    limits: (secret) => ({
      concurrency: SecretSchema.safeParse(secret).data?.concurrency ?? DEFAULT_CONCURRENCY,
    }),
  };
}

export interface ConstituentsOptions {
  account: AccountRef;
  /** Matched with the category, else the type, of contact permissions; defaults to those that begin with `email`. */
  emailPermission?: EmailPermission;
  /** Read besides; leave out what the organisation's API group has no right to. Nothing by default. */
  include?: Include;
  /**
   * For flows that go both ways: the record tells who wrote what (`writes`) and whether a login uses its e-mail.
   * `days` = how far back, 90 unless said.
   */
  tells?: boolean | { days: number };
}

function tellsOf({ tells }: ConstituentsOptions): Pick<Wanted, 'tells'> {
  if (!tells) return {};
  return { tells: tells === true ? { days: WRITE_DAYS } : tells };
}

/** The page after the last one of the changes: scans at the doors. */
const DOORS = 'doors';

/** People, households and organisations with addresses, consent, and who shares their primary e-mail. */
export function constituents(options: ConstituentsOptions): Source<Constituent> {
  const wanted: Wanted = {
    about: options.emailPermission ?? EMAIL_PERMISSION,
    include: options.include ?? [],
    ...tellsOf(options),
  };
  const withDoors = wanted.include.includes('attendance');
  const byList = listContents();
  return {
    account: options.account,
    title: 'Tessitura constituents',
    batchSize: RECORDS_PER_READ,
    readLag: READ_LAG,
    overlap: OVERLAP,
    callsPerRead: CALLS_PER_READ + (wanted.tells ? 1 : 0),
    read: (session, ids) => readMany(session, ids, wanted),
    readOne: (session, id) => readOne(session, id, wanted),
    async scan(session, window) {
      if (window.page === DOORS) return scanDoors(session, window);
      const { changes } = await secretOf(session);
      const scanChanges = changes === 'procedure' ? scanByProcedure : scanAuditLog;
      const page = await scanChanges(session, window);
      return withDoors && page.next === undefined ? { ...page, next: DOORS } : page;
    },
    async list(session, page) {
      const { enumerate } = await secretOf(session);
      return enumerate.by === 'list'
        ? byList(session, enumerate.listId, page)
        : listByProcedure(session, page);
    },
  };
}
