import * as z from 'zod';
import { parseInstant } from '../../values/instant.ts';

const Named = z.object({ Id: z.int(), Description: z.string().nullish() });
const moment = z
  .string()
  .refine((value) => parseInstant(value, 'UTC').ok, { error: 'is not an ISO 8601 date and time' });

/** `TXN/Performances?performanceIds=`, under the vendor's names. */
export const PerformanceRow = z.object({
  Id: z.int(),
  Code: z.string().nullish(),
  Description: z.string().nullish(),
  Date: moment,
  /** Minutes. */
  Duration: z.int().nullish(),
  /** A lookup of the organisation: which of its words mean cancelled is the mapping's. */
  Status: Named.nullish(),
  Type: Named.nullish(),
  /** The venue. */
  Facility: Named.nullish(),
  ProductionSeason: Named.nullish(),
  Season: Named.nullish(),
  UpdatedDateTime: z.string().nullish(),
});

/** The row, with its moments. */
export const PerformanceSchema = PerformanceRow.extend({
  /** Milliseconds since 1970; the end is absent where the performance has no duration. */
  startsAt: z.number(),
  endsAt: z.number().optional(),
  timeZone: z.string(),
});
/** One performance: an evening on the stage, or one slot of a timed entry. */
export type Performance = z.infer<typeof PerformanceSchema>;

/** With its moments; a stamp without an offset is local time of the service. */
export function withMoments(row: z.infer<typeof PerformanceRow>, timeZone: string): Performance {
  const start = parseInstant(row.Date, timeZone);
  const startsAt = start.ok ? start.value.epoch : 0;
  const ends = row.Duration ? { endsAt: startsAt + row.Duration * 60_000 } : {};
  return { ...row, startsAt, ...ends, timeZone };
}
