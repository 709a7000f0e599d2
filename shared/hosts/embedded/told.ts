import type { Told } from '../../operate/api/view.ts';
import type { factsFrom } from './facts.ts';
import type { EmbeddedPorts } from './ports.ts';
import type { RecentTrail } from './recent.ts';

/** Outcomes shown of each flow. */
const SHOWN = 20;

/** What this host counted and remembers since its start, for console and API. */
export function toldBy(parts: {
  ports: EmbeddedPorts;
  trail: RecentTrail;
  facts: ReturnType<typeof factsFrom>;
}): Told {
  const { ports, trail, facts } = parts;
  return {
    facts,
    counters: ({ name }) => {
      const metered = ports.meter.snapshot().counters.filter((reading) => reading.flow === name);
      return {
        ...trail.counted(name),
        ...Object.fromEntries(metered.map((reading) => [reading.metric, reading.value])),
      };
    },
    recent: ({ name }) =>
      trail
        .recent(name)
        .slice(0, SHOWN)
        .map((entry) => ({ ...entry })),
  };
}
