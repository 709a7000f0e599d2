import type { Page } from '../../engine/ports.ts';
import type { Source } from '../../engine/resource.ts';
import type { AccountRef, Session } from '../../engine/session.ts';
import { secretOf } from './client.ts';
import { onlyHouseholds } from './household-group.ts';
import { type Household, readHousehold, readHouseholds } from './household-read.ts';
import { scanHouseholds } from './household-scan.ts';
import { OVERLAP, READ_LAG, RECORDS_PER_READ } from './limits.ts';
import { listContents } from './list-enumeration.ts';
import { listByProcedure, scanByProcedure } from './procedures.ts';

export interface HouseholdsOptions {
  account: AccountRef;
  /** Read besides; needs the right to CRM/Memberships. Nothing by default. */
  include?: readonly 'memberships'[];
}

/**
 * Constituents of the group Household, with who belongs to them now. Any other constituent is `gone` here: it is
 * none, or has ceased to be one.
 */
export function households(options: HouseholdsOptions): Source<Household> {
  const include = options.include ?? [];
  const byList = listContents();
  const ids = async (session: Session, page: string | undefined): Promise<Page<string>> => {
    const { enumerate } = await secretOf(session);
    if (enumerate.by === 'procedure') return listByProcedure(session, page);
    const { total: _everybody, ...found } = await byList(session, enumerate.listId, page);
    return found;
  };
  return {
    account: options.account,
    title: 'Tessitura households',
    batchSize: RECORDS_PER_READ,
    readLag: READ_LAG,
    overlap: OVERLAP,
    callsPerRead: 1,
    read: (session, wanted) => readHouseholds(session, wanted, include),
    readOne: (session, id) => readHousehold(session, id, include),
    async scan(session, window) {
      const { changes } = await secretOf(session);
      if (changes === 'audit-log') return scanHouseholds(session, window);
      const page = await scanByProcedure(session, window);
      const homes = await onlyHouseholds(
        session,
        page.items.map(({ id }) => id),
      );
      return { ...page, items: page.items.filter(({ id }) => homes.has(id)) };
    },
    async list(session, page) {
      const found = await ids(session, page);
      const homes = await onlyHouseholds(session, found.items);
      return { ...found, items: found.items.filter((id) => homes.has(id)) };
    },
  };
}
