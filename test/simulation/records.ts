import * as z from 'zod';
import type { MapContext, Mapped } from '../../shared/engine/flow.ts';
import type { World } from './world.ts';

/** The one collection of the simulated flow. */
export const THINGS = 'things';

/** A record of the source. Its values come from small domains, so that they repeat all the time. */
export const DataSchema = z.object({
  a: z.number(),
  b: z.number().nullable(),
  email: z.string(),
  off: z.boolean(),
  confirmed: z.boolean(),
  expiresAt: z.number().optional(),
  /** Its `a` shows up in this record too. */
  sponsor: z.string().optional(),
  sponsorA: z.number().nullable().optional(),
  dependents: z.array(z.string()),
  /** Must be at the target first, and confirmed. */
  parent: z.string().optional(),
  parentConfirmed: z.boolean().optional(),
  /** Refused: by the mapping, by the vendor, or by the vendor for the whole batch without a name. */
  bad: z.enum(['map', 'vendor', 'batch']).optional(),
  kills: z.boolean().optional(),
  garbled: z.boolean().optional(),
});
export type Data = z.infer<typeof DataSchema>;

export type SourceState =
  | { state: 'present'; data: Data }
  | { state: 'gone' }
  | { state: 'merged'; into: string };

export const OWNED = ['a', 'b', 'email', 'sponsor', 'parent', 'refuse'] as const;

/** The mapping of the simulated flow, and what its oracle expects of the target. */
export function mapData(data: Data, context: MapContext): Mapped {
  const affects = data.dependents;
  const basis = String(data.a);
  if (data.bad === 'map')
    return { kind: 'rejected', field: 'a', because: 'the record is marked bad', affects };
  if (data.off) return { kind: 'absent', because: 'it is switched off', affects, basis };
  if (data.expiresAt !== undefined && context.now >= data.expiresAt)
    return { kind: 'absent', because: 'it has lapsed', affects, basis };
  if (data.parent !== undefined && !data.parentConfirmed)
    return {
      kind: 'waiting',
      for: `${THINGS}/${data.parent}`,
      because: 'its parent is not confirmed',
      affects,
    };
  const fields = {
    a: data.a,
    b: data.b,
    email: data.email,
    sponsor: data.sponsorA ?? null,
    parent: data.parent ?? null,
    refuse: data.bad ?? null,
  };
  return {
    kind: 'present',
    fields,
    affects,
    // Those that lapse leave the basis out while they are there, so that both ways are used.
    ...(data.expiresAt === undefined ? { basis } : { recheckAt: data.expiresAt }),
  };
}

/** The records a seed begins with. */
export function weightedData(world: World, at: number): Data {
  const { dice, weights } = world;
  const data: Data = {
    a: dice.between(0, 1),
    b: dice.pick([0, 1, null]),
    email: `p${at}@example.org`,
    off: false,
    confirmed: true,
    dependents: [],
  };
  if (at > 0 && dice.chance(weights.children)) {
    data.parent = `r${dice.between(0, at - 1)}`;
  }
  if (dice.chance(weights.lapsing)) data.expiresAt = world.now + dice.between(60_000, weights.chaos);
  if (dice.chance(weights.killers)) data.kills = true;
  if (dice.chance(weights.rejected)) data.bad = dice.pick(['map', 'vendor', 'batch'] as const);
  if (dice.chance(weights.unreadable)) data.garbled = true;
  return data;
}
