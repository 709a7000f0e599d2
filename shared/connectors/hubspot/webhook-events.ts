import * as z from 'zod';
import type { WebhookChange } from '../../engine/webhook.ts';

/** Which collections of a flow HubSpot's records are the targets of. */
export interface Listening {
  /** The collection that contacts are the target of. */
  collection: string;
  /** Its consents and whatever else cannot wait. */
  isUrgent(property: string): boolean;
  /** The collection that companies are the target of; without one their events are ignored. */
  companies?: { collection: string };
  /** Events of other accounts, which an app may be installed in too, are ignored. */
  portalId: number;
}

const Id = z.union([z.int().positive(), z.string().regex(/^\d{1,20}$/)]).transform(String);

/** One event; every part of it that we do not read may change. */
const EventSchema = z.object({
  subscriptionType: z.string(),
  portalId: z.number(),
  objectId: Id.nullish(),
  objectTypeId: z.string().nullish(),
  propertyName: z.string().nullish(),
  primaryObjectId: Id.nullish(),
  mergedObjectIds: z.array(Id).nullish(),
  newObjectId: Id.nullish(),
  fromObjectId: Id.nullish(),
  toObjectId: Id.nullish(),
  associationType: z.string().nullish(),
});
type HubspotEvent = z.infer<typeof EventSchema>;

/** What a delivery says: up to 100 events in one list. */
export const DeliverySchema = z.array(z.unknown());

/**
 * The records that rang, each once. Events that we do not know, do not use or cannot read are counted: HubSpot
 * would send anything but a 2xx again, up to ten times. Order and duplicates do not matter, since a change is
 * only a hint to read.
 */
export function changesIn(
  events: readonly unknown[],
  listening: Listening,
): { changes: WebhookChange[]; ignored: number } {
  const byRecord = new Map<string, WebhookChange>();
  let ignored = 0;
  for (const each of events) {
    const parsed = EventSchema.safeParse(each);
    const changes = parsed.success ? changesOf(parsed.data, listening) : [];
    if (changes.length === 0) ignored += 1;
    for (const change of changes) {
      const key = `${change.collection}/${change.id}`;
      byRecord.set(key, { ...byRecord.get(key), ...change });
    }
  }
  return { changes: [...byRecord.values()], ignored };
}

function changesOf(event: HubspotEvent, { isUrgent, portalId, ...listening }: Listening): WebhookChange[] {
  if (event.portalId !== portalId) return [];
  const [prefix = '', what = ''] = event.subscriptionType.split('.');
  const kind = kindOf(prefix, event);
  const collection = kind === 'company' ? listening.companies?.collection : listening.collection;
  if (what === 'associationChange') return associated(event, listening.companies?.collection);
  if (kind === undefined || collection === undefined) return [];
  const change = (id: string | null | undefined, more: Partial<WebhookChange> = {}): WebhookChange[] =>
    id ? [{ collection, id, atTarget: true, ...more }] : [];
  switch (what) {
    case 'creation':
    case 'deletion':
    case 'restore':
      return change(event.objectId);
    case 'propertyChange': {
      const urgent = kind === 'contact' && isUrgent(event.propertyName ?? '');
      return change(event.objectId, urgent ? { urgent } : {});
    }
    case 'privacyDeletion':
      return change(event.objectId, { erased: true });
    case 'merge': {
      // The survivor has an id of its own; links still know the old ones.
      const ids = [
        event.objectId,
        event.primaryObjectId,
        ...(event.mergedObjectIds ?? []),
        event.newObjectId,
      ];
      return [...new Set(ids)].flatMap((id) => change(id));
    }
    default:
      return [];
  }
}

type Kind = 'contact' | 'company';
const KINDS: ReadonlyMap<string, Kind> = new Map([
  ['contact', 'contact'],
  ['company', 'company'],
  ['0-1', 'contact'],
  ['0-2', 'company'],
]);

/** `object.*` events say by a type id what they are about. */
function kindOf(prefix: string, { objectTypeId }: HubspotEvent): Kind | undefined {
  return KINDS.get(prefix === 'object' ? (objectTypeId ?? '') : prefix);
}

/** Who belongs to a company is a field of the company; HubSpot tells it from both ends. */
function associated(event: HubspotEvent, collection: string | undefined): WebhookChange[] {
  if (collection === undefined) return [];
  const [from, to] = (event.associationType ?? '').split('_TO_');
  const company = from === 'COMPANY' ? event.fromObjectId : to === 'COMPANY' ? event.toObjectId : undefined;
  return company ? [{ collection, id: company, atTarget: true }] : [];
}
