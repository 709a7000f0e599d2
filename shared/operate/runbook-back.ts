import type { Collection } from '../engine/flow.ts';
import type { FieldRule, Policy } from '../engine/pair.ts';

/** Who holds where both systems may change a field, in the words of the people who work with them. */
export function backRows({ back }: Collection, { from, to }: { from: string; to: string }): string[][] {
  return Object.entries(back?.fields ?? {}).map(([name, rule]) => [
    `\`${name}\``,
    holds(rule.policy, from, to),
    meeting(rule, from, to),
  ]);
}

function holds(policy: Policy, from: string, to: string): string {
  switch (policy) {
    case 'right':
      return `${to}'s value`;
    case 'left-wins':
      return `whichever system changed it; where both did, ${from}`;
    case 'latest':
      return 'the newer edit; two at about the same time are a work item';
    case 'fill-if-empty':
      return `${from}'s value; where it has none, ${to}'s`;
    case 'union':
      return "both systems' values, together";
    case 'deny-wins':
      return 'a no, unless the person says yes later; a yes that anybody else gave over a no is a work item';
  }
}

/** When two records are paired that have never met. */
function meeting({ policy, first }: FieldRule, from: string, to: string): string {
  if (policy === 'union') return 'both, together';
  if (policy === 'deny-wins') return 'the no';
  const owner = first ?? (policy === 'right' ? 'right' : 'left');
  return owner === 'right' ? `${to}, if it has one` : `${from}, if it has one`;
}
