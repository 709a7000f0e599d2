import type { ServicePorts } from '../../../shared/engine/service.ts';
import { readDelivery, writeDelivery } from './deliveries.ts';
import { newDelivery } from './delivery.ts';
import { eventId } from './message.ts';

/** Something that happened to no payment alone. */
export interface OtherEvent {
  merchant: string;
  type: `dispute.${string}` | `payout.${string}`;
  /** What it happened to, e.g. `dispute-<provider>-<id>`; together with the version it makes the event's id. */
  subject: string;
  /** Of the subject: rises with each event of it. */
  version: number;
  at: number;
  /** `id` and `version` are added. */
  data: Readonly<Record<string, unknown>>;
}

/**
 * Stores an event and puts its errand on the queue. To be repeated with the same subject and version until it resolves:
 * it is then stored once and announced at least once. Resolves with the event's id.
 */
export async function noteEvent(
  ports: Pick<ServicePorts, 'documents' | 'clock' | 'post'>,
  { merchant, type, subject, version, at, data }: OtherEvent,
): Promise<string> {
  const name = subject.replace(/[^\w-]/g, '-');
  const id = eventId(name, version);
  const delivery = newDelivery({ merchant, type, at, data: { id: name, ...data, version } });
  const isNew = await writeDelivery(ports.documents, id, { delivery, revision: undefined });
  const isOpen = isNew || (await readDelivery(ports.documents, id))?.delivery.published === false;
  if (isOpen) await ports.post({ collection: 'event', id }, ports.clock.now());
  return id;
}
