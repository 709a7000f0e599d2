import * as z from 'zod';
import { CannotDo } from '../../../shared/engine/service.ts';
import { eventIdFrom } from '../events/message.ts';
import { replay, replayOne, undelivered as undeliveredOf } from '../events/replay.ts';
import { DeliveryRow } from './answers.ts';
import { command, knownMerchant, merchantsAsked, type Office, Tick, whole } from './command.ts';
import { must } from './endpoints.ts';
import { note } from './journal.ts';
import { deliveryRow } from './show.ts';

export const UndeliveredAnswer = z.object({ items: z.array(DeliveryRow), cut: z.boolean() });
/** `next` = the first event that is left for another replay, to be given as `from`. */
export const ReplayedAnswer = z.object({ replayed: z.number(), next: z.string().optional() });

/** Events that no endpoint took and that will not be sent again by themselves, each merchant's earliest first. */
export const undelivered = command(
  z.strictObject({ merchant: z.string().optional(), last: whole(1, 500).optional() }),
  async (office, { merchant, last = 100 }) => {
    const { documents } = office.ports;
    const pages = await Promise.all(
      merchantsAsked(office, merchant).map(async ({ id }) => {
        const page = await undeliveredOf(documents, id, { limit: last });
        const unknown = { merchant: id, type: 'unknown', at: 0 };
        const rows = await Promise.all(page.items.map((event) => deliveryRow(documents, event, unknown)));
        return { rows, more: page.next !== undefined };
      }),
    );
    return UndeliveredAnswer.parse({
      items: pages.flatMap(({ rows }) => rows),
      cut: pages.some(({ more }) => more),
    });
  },
);

const Moment = z.iso
  .datetime({ offset: true, error: 'must be a time such as 2026-11-24T12:00:00Z' })
  .transform((text) => Date.parse(text));

/** One event; or everything of a merchant from an event or a time on; or all that was not delivered. */
export const replayEvents = command(
  z.strictObject({
    merchant: z.string(),
    event: z.string().optional(),
    from: z.string().optional(),
    since: Moment.optional(),
    undelivered: Tick.optional(),
  }),
  async (office, { merchant, event, from, since, undelivered: all }) => {
    knownMerchant(office, merchant);
    const given = [event, from, since, all || undefined].filter((each) => each !== undefined);
    if (given.length !== 1)
      throw new CannotDo(
        'input',
        'field "event", "from", "since" or "undelivered": exactly one of them says which events',
        'e.g. undelivered for all that no endpoint took',
      );
    const done = all
      ? await replayUndelivered(office, merchant)
      : event !== undefined
        ? await one(office, merchant, event)
        : must(
            await replay(
              office.ports,
              since === undefined ? { merchant, from: from ?? '' } : { merchant, since },
            ),
          );
    await note(office, { what: `${done.replayed} events replayed`, about: merchant });
    return ReplayedAnswer.parse(done);
  },
);

async function one(office: Office, merchant: string, event: string): Promise<{ replayed: number }> {
  const isThere = await replayOne(office.ports, { merchant, id: eventIdFrom(event) });
  if (isThere) return { replayed: 1 };
  throw new CannotDo(
    'missing',
    'field "event": this merchant has no such event',
    "take an id from the payment, or from the merchant's log (webhook-id)",
  );
}

/** At most 500 of them; asked again for the rest. */
async function replayUndelivered(office: Office, merchant: string): Promise<{ replayed: number }> {
  const { items } = await undeliveredOf(office.ports.documents, merchant, { limit: 500 });
  for (const id of items) await replayOne(office.ports, { merchant, id });
  return { replayed: items.length };
}
