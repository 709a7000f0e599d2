import * as z from 'zod';
import { ErrorBodySchema } from './schema.ts';

const Text = z.string().nullish();

/** One marketing event; everything but its name may be absent. */
export const MarketingEventSchema = z.object({
  eventName: Text,
  eventOrganizer: Text,
  eventType: Text,
  eventDescription: Text,
  eventUrl: Text,
  startDateTime: Text,
  endDateTime: Text,
  eventCancelled: z.boolean().nullish(),
  eventCompleted: z.boolean().nullish(),
});
export type MarketingEvent = z.infer<typeof MarketingEventSchema>;

/** What became of a batch of events or of participants; `errors` may stand in a 2xx. */
export const MarketingBatchSchema = z.object({
  results: z
    .array(z.object({ vid: z.union([z.string(), z.number()]).transform(String).nullish() }))
    .nullish(),
  errors: z.array(ErrorBodySchema).nullish(),
});

const PagingSchema = z.object({ next: z.object({ after: z.string() }).nullish() }).nullish();

/** A page of the events of all apps. */
export const EventListSchema = z.object({
  results: z.array(
    z.object({
      externalEventId: Text,
      appInfo: z.object({ id: z.union([z.string(), z.number()]).transform(String) }).nullish(),
    }),
  ),
  paging: PagingSchema,
});

const ParticipationSchema = z.object({
  associations: z.object({
    contact: z.object({ contactId: z.union([z.string(), z.number()]).transform(String) }),
  }),
  properties: z.object({
    attendanceState: z.enum(['REGISTERED', 'ATTENDED', 'CANCELLED', 'NO_SHOW', 'EMPTY']),
    /** Milliseconds since 1970. */
    occurredAt: z.number(),
  }),
});
/** How one contact stands to one event. */
export type Participation = z.infer<typeof ParticipationSchema>;

/** A page of who stands where. */
export const BreakdownSchema = z.object({ results: z.array(ParticipationSchema), paging: PagingSchema });
