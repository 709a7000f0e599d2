import type { Ceiling, Collection, EndPolicy, FlowDefinition } from '../engine/flow.ts';
import { backRows } from './runbook-back.ts';

/** The part of a flow's runbook that its definition already says, as Markdown; numbers here cannot grow stale. */
export function runbookSection(flow: FlowDefinition): string {
  return [
    table(['question', 'answer'], answers(flow)),
    table(
      [
        'collection',
        'reads',
        'writes',
        'when it ends at the source',
        'when merged there',
        'when it must not be there',
      ],
      flow.collections.map(collectionRow),
    ),
    ...flow.collections.map(
      (each) => `Fields set by \`${each.name}\`, no others are touched: ${each.owns.map(code).join(', ')}.`,
    ),
    ...flow.collections.flatMap((each) => backSection(flow, each)),
  ].join('\n\n');
}

function backSection(flow: FlowDefinition, collection: Collection): string[] {
  if (!collection.back) return [];
  const rows = backRows(collection, flow.moves);
  return [
    `Fields of \`${collection.name}\` that both systems may change; every other one is ${flow.moves.from}'s. What no rule decides waits for a person: \`npm run intertie -- items ${flow.name}\`.`,
    table(['field', 'what holds', 'when two records are paired for the first time'], rows),
  ];
}

/** One row per flow, for the project's front page. */
export function flowTable(flows: readonly FlowDefinition[]): string {
  return table(
    ['flow', 'moves', 'how often', 'if it breaks', 'owner'],
    flows.map((flow) => [
      `[${flow.title}](${flow.whereToLook.runbook})`,
      moves(flow),
      howOften(flow),
      flow.whenItBreaks.impact,
      flow.whoIsPaged.owner,
    ]),
  );
}

/**
 * The text with everything between `<!-- name -->` and `<!-- /name -->` replaced. Throws when a marker is
 * missing: a document that silently stops being generated is worse than none.
 */
export function replaceSection(text: string, name: string, section: string): string {
  const [open, close] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
  const from = text.indexOf(open);
  const to = text.indexOf(close, from);
  if (from < 0 || to < 0)
    throw new Error(`the markers ${open} and ${close} are missing; put them back, in this order`);
  return `${text.slice(0, from)}${open}\n\n${section}\n\n${text.slice(to)}`;
}

function answers(flow: FlowDefinition): string[][] {
  const { whenItBreaks, whoIsPaged, whereToLook, expects } = flow;
  const { retryHorizonHours, maxAttempts, removals, changes } = whenItBreaks;
  return [
    ['What it moves', moves(flow)],
    ['How often', howOften(flow)],
    ['What suffers when it breaks', whenItBreaks.impact],
    [
      'What is tried again',
      `Outages and rate limits without counting, anything else up to ${maxAttempts} times; all of it for at most ${hours(retryHorizonHours)}`,
    ],
    ['What is parked', whenItBreaks.parks],
    [
      'What is held for approval',
      `In 24 hours, ${ceiling('removals', removals)} or ${ceiling('changes', changes)}`,
    ],
    [
      'What pages',
      `A parked record; no successful scan for ${minutes(expects.heartbeatMinutes)}; a record unfinished for ${minutes(expects.oldestMinutes)}; a held flow or account`,
    ],
    ['Who owns it', whoIsPaged.owner],
    ['Who is paged', whoIsPaged.page.join(', ')],
    ['Where to look', `[${whereToLook.runbook}](/${whereToLook.runbook})`],
  ];
}

function moves({ moves: { what, from, to, direction } }: FlowDefinition): string {
  const arrow = direction === 'two-way' ? '↔' : '→';
  return `${what}: ${from} ${arrow} ${to}`;
}

function howOften({ howOften: { webhook, urgent, scanEveryMinutes, audit } }: FlowDefinition): string {
  const pushed = webhook === false ? '' : `At once (${webhook}); `;
  const scanned = scanEveryMinutes === 1 ? 'every minute' : `every ${scanEveryMinutes} minutes`;
  const first = urgent === undefined ? '' : `; first of all: ${urgent}`;
  const text = `${pushed}${scanned}; all records compared daily at ${audit.dailyAt} ${audit.timeZone}${first}`;
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function collectionRow({ name, source, target, ...ends }: Collection): string[] {
  const policies = [ends.whenGone, ends.whenMerged, ends.whenAbsent].map(policy);
  return [code(name), source.title, target.title, ...policies];
}

function policy(end: EndPolicy): string {
  if (end === 'merge') return 'merged at the target as well';
  if (end === 'remove') return 'taken off the target';
  if (end === 'keep') return 'left as it is';
  return `marked: ${Object.entries(end.mark)
    .map(([field, value]) => code(`${field} = ${value}`))
    .join(', ')}`;
}

function ceiling(what: string, { share, atLeast }: Ceiling): string {
  return `more than ${Math.round(share * 1000) / 10} % ${what} (never below ${atLeast})`;
}

function minutes(count: number): string {
  return count === 1 ? '1 minute' : `${count} minutes`;
}

function hours(count: number): string {
  return count % 24 === 0 && count > 24 ? `${count / 24} days` : `${count} hours`;
}

function code(text: string): string {
  return `\`${text}\``;
}

/** A Markdown table. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map(cell).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll(/\s*\n\s*/g, ' ');
}
