import type { ServiceDefinition } from '../engine/service.ts';
import { timed } from './five-answers.ts';
import { table } from './runbook.ts';

/** The part of a service's runbook that its definition already says, as Markdown; numbers here cannot grow stale. */
export function serviceSection(service: ServiceDefinition): string {
  return [
    table(['question', 'answer'], answers(service)),
    'What it measures of itself, and what to run first when that pages (each with `npm run intertie --` before it):',
    table(
      ['alarm', 'pages when', 'which means', 'first'],
      [...service.gauges.map(gaugeRow), ...alarmRows(service)],
    ),
  ].join('\n\n');
}

/** One row per service, for the project's front page. */
export function serviceTable(services: readonly ServiceDefinition[]): string {
  return table(
    ['service', 'moves', 'if it breaks', 'owner'],
    services.map((service) => [
      `[${service.title}](${service.whereToLook.runbook})`,
      moves(service),
      service.whenItBreaks.impact,
      service.whoIsPaged.owner,
    ]),
  );
}

function answers(service: ServiceDefinition): string[][] {
  const { howOften, whenItBreaks, whoIsPaged, whereToLook } = service;
  return [
    ['What it moves', moves(service)],
    ['How often', `Called ${howOften.called}`],
    ['By itself', howOften.timers.map(({ name, when }) => `\`${name}\` ${timed(when)}`).join(', ')],
    ['What suffers when it breaks', whenItBreaks.impact],
    ['What lies in the dead-letter queue', whenItBreaks.parks],
    ['Who owns it', whoIsPaged.owner],
    ['Who is paged', whoIsPaged.page.join(', ')],
    ['Where to look', `[${whereToLook.runbook}](/${whereToLook.runbook})`],
  ];
}

function moves({ moves: { what, from, to } }: ServiceDefinition): string {
  return `${what}: ${from} → ${to}`;
}

function gaugeRow({ name, above, says, first, silencePages }: ServiceDefinition['gauges'][number]): string[] {
  const silent = silencePages ? ', or nothing is told for 15 minutes' : '';
  return [`\`${name}\``, `above ${above}${silent}`, says, `\`${first}\``];
}

function alarmRows({ name, expects, whenItBreaks }: ServiceDefinition): string[][] {
  const late = `a message is due for over ${expects.oldestMinutes} minutes`;
  return [
    ['dead letters', 'there is one', whenItBreaks.parks, `\`replay ${name} --all\``],
    ['oldest message', late, 'nothing works the queue off', '`status`'],
  ];
}
