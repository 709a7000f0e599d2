import { asFault } from '../../engine/fault.ts';
import type { Fields } from '../../engine/fields.ts';
import type { Read, SourceResult, Target } from '../../engine/resource.ts';
import type { AccountRef, Session } from '../../engine/session.ts';
import { BATCH, batchRead } from './batch.ts';
import type { BounceField } from './bounce-field.ts';
import { changedObjects } from './changed-objects.ts';
import type { ConsentField } from './consent-fields.ts';
import { eraseContact } from './contact-ends.ts';
import { type Composed, fieldsIn, historiesBehind, historyIn, propertiesBehind } from './contact-fields.ts';
import { writeContacts } from './contact-writes.ts';
import { findContacts } from './find-contacts.ts';
import { identifyObjects } from './identify-objects.ts';
import { isNotFound, listObjects, readObject } from './object-reads.ts';
import { type HubspotRecord, SecretSchema } from './schema.ts';

export interface ContactsOptions {
  account: AccountRef;
  /** The property with unique values that keeps our reference. */
  reference?: string;
  /** How to find a contact that does not carry our reference yet. */
  match?: 'email';
  /** Properties that tell which of the source's records a contact may be. */
  identity?: readonly string[];
  /** Fields that are consents: `granted`, `denied` or null. They are kept by e-mail address, not by contact. */
  consent?: ConsentField | readonly ConsentField[];
  /**
   * A field that says from which address mail came back for good; the contact's `email` is then none. `none`
   * written into it takes the address off the contact. Needs `appId` in the secret, and the field among those
   * that both sides may change.
   */
  bounce?: BounceField;
}

/** The names of one read, and those of them whose history is wanted. */
interface Asked {
  names: readonly string[];
  tells?: readonly string[] | undefined;
}

/** Marketing and sales contacts. Values are HubSpot's: text; a boolean is `true` or `false`. */
export function contacts({
  account,
  reference = 'tessitura_constituent_id',
  match,
  identity = ['email', 'firstname', 'lastname'],
  consent = [],
  bounce,
}: ContactsOptions): Target {
  const rule = { type: 'contacts', reference } as const;
  const composed: Composed = { consents: [consent].flat(), bounce };
  return {
    account,
    title: 'HubSpot contacts',
    batchSize: BATCH,
    // Reads by id come from the store of record, not from the search index that lags; HubSpot promises
    // neither, so one second is kept as a guard.
    readLag: 1_000,
    // HubSpot documents no figure. Batches are answered within seconds and we give up after 20; anything
    // later than 30 more seconds is left to the audit.
    lateness: 30_000,
    lookup: 'on-conflict',
    read: (session, ids, names, tells) => readContacts(session, ids, { names, tells }, composed),
    readOne: (session, id, names, tells) => readContact(session, id, { names, tells }, composed),
    find: (session, wanted) => findContacts(session, wanted, { reference, match }),
    write: (session, writes) => writeContacts(session, writes, { ...rule, ...composed }),
    list: (session, page) => listObjects(session, rule, page),
    identify: (session, ids) => identifyObjects(session, ids, { ...rule, identity }),
    erase: eraseTarget,
    scan: (session, window) => changedObjects(session, 'contacts', window),
  };
}

/** Who is gone already is erased. */
async function eraseTarget(session: Session, contactId: string): Promise<SourceResult> {
  try {
    await eraseContact(session, { contactId });
    return { ok: true };
  } catch (thrown) {
    if (isNotFound(thrown)) return { ok: true };
    return { ok: false, fault: asFault(thrown, 'contacts.gdpr-delete') };
  }
}

async function readContacts(
  session: Session,
  ids: readonly string[],
  asked: Asked,
  composed: Composed,
): Promise<ReadonlyMap<string, Read<Fields>>> {
  if (ids.length === 0) return new Map();
  const shown = await showing(session, asked, composed);
  const records = await batchRead(session, ids, shown);
  const wanted = new Set(ids);
  // The survivor of a merge answers under its own id: the id that was asked for stays unseen and is read alone.
  return new Map(records.filter((each) => wanted.has(each.id)).map((each) => [each.id, shown.present(each)]));
}

async function readContact(
  session: Session,
  id: string,
  asked: Asked,
  composed: Composed,
): Promise<Read<Fields>> {
  const shown = await showing(session, asked, composed);
  const read = await readObject(session, id, shown);
  return read.state === 'present' ? shown.present(read.record) : read;
}

/**
 * What to ask HubSpot for, and how its answer reads. Without the app's id in the secret our own writes could
 * not be told from others', so there is no history then.
 */
async function showing(session: Session, { names, tells = [] }: Asked, composed: Composed) {
  const { appId } = tells.length > 0 ? await session.secret(SecretSchema) : {};
  const properties = propertiesBehind(names, composed);
  return {
    type: 'contacts' as const,
    properties,
    histories: appId === undefined ? [] : historiesBehind(tells, composed),
    present: (record: HubspotRecord): Read<Fields> => {
      const fields = fieldsIn(record, names, { ...composed, appId });
      if (appId === undefined) return { state: 'present', record: fields };
      return { state: 'present', record: fields, history: historyIn(record, { ...composed, tells, appId }) };
    },
  };
}
