import type { FlowAudit, FlowStatus, ParkedAnswer, RecordAnswer, Status } from './answers.ts';
import type { ServiceStatus } from './answers-health.ts';
import { ago, auditText, backfillText, count, duration, moment, plural, shown } from './format.ts';
import { pairLines } from './items-lines.ts';

/** The API's answers as lines for a terminal. */

export function statusLines(status: Status): string[] {
  const accounts = status.accounts.map((each) => {
    const state = each.held
      ? `HELD: ${each.held}`
      : each.breaker === 'closed'
        ? 'working'
        : `breaker ${each.breaker}`;
    return `  ${each.account}  ${state}`;
  });
  return [
    ...status.flows.flatMap((flow) => [...flowLines(flow, status.now), '']),
    ...status.services.flatMap((service) => [...serviceLines(service), '']),
    'vendor accounts',
    ...accounts,
    ...status.sandboxes.map((each) => `  sandbox of ${each.title}: ${each.baseUrl}`),
  ];
}

function flowLines(flow: FlowStatus, now: number): string[] {
  const lanes = flow.lanes
    .map((lane) => `${lane.lane} ${count(lane.visible + lane.inFlight + lane.delayed)}`)
    .join(', ');
  const oldest = flow.oldestUnfinishedMs === undefined ? 'none' : duration(flow.oldestUnfinishedMs);
  return [
    `${flow.name}: ${flow.health}${flow.because === undefined ? '' : ` (${flow.because})`}`,
    ...answerLines(flow.answers),
    `  queued          ${lanes}; oldest unfinished: ${oldest}; parked: ${count(flow.parked)}${flow.items === undefined ? '' : `; work items: ${count(flow.items)}`}; last scan: ${ago(flow.lastScanAt, now)}`,
    ...flow.collections.map((each) => {
      const backfill = each.backfill ? backfillText(each.backfill) : 'not yet';
      const audit = each.audit ? auditText(each.audit) : 'not yet';
      return `  ${each.name}: backfill ${backfill}; audit ${audit}`;
    }),
    ...alertLines(flow.alerts),
  ];
}

function serviceLines(service: ServiceStatus): string[] {
  const { queue, answers } = service;
  const waiting = count(queue.visible + queue.inFlight + queue.delayed);
  const due = service.oldestDueMs === undefined ? 'none' : duration(service.oldestDueMs);
  return [
    `${service.name}: ${service.health}`,
    ...answerLines(answers),
    `  queued          ${waiting}; oldest due: ${due}; dead letters: ${count(service.deadLetters)}`,
    ...service.gauges.map(
      ({ name, value, above }) =>
        `  ${name}: ${value === undefined ? 'not told here' : count(value)}${value !== undefined && value > above ? '  !' : ''}`,
    ),
    ...alertLines(service.alerts),
  ];
}

function answerLines(answers: FlowStatus['answers']): string[] {
  return [
    `  what moves      ${answers.moves}`,
    `  how often       ${answers.howOften}`,
    `  when it breaks  ${answers.whenItBreaks}`,
    `  who is paged    ${answers.whoIsPaged}`,
    `  where to look   ${answers.whereToLook}`,
  ];
}

function alertLines(alerts: FlowStatus['alerts']): string[] {
  return alerts.flatMap((alert) => [
    `  ALERT ${alert.title}`,
    ...alert.text.split('\n').map((line) => `    ${line}`),
  ]);
}

export function recordLines(record: RecordAnswer): string[] {
  const width = Math.max(0, ...record.fields.map((field) => field.name.length));
  return [
    `${record.collection}/${record.id}`,
    `  ${record.source.title}: ${record.source.state}`,
    `  ${record.target.title}: ${record.target.id ?? 'no record'}`,
    ...(record.note === undefined ? [] : [`  note: ${record.note}`]),
    ...(record.parked ? [`  PARKED since ${moment(record.parked.since)}: ${record.parked.reason}`] : []),
    ...record.fields.map((field) => {
      const values = field.differs
        ? `${shown(field.wanted)}  ≠  ${shown(field.current)}`
        : shown(field.current);
      const mark = field.towards === 'person' ? '?' : field.differs ? '!' : ' ';
      return `  ${mark} ${field.name.padEnd(width)}  ${values}`;
    }),
    ...(record.pair ? pairLines(record.pair).map((line) => `  ${line}`) : []),
    record.fields.some((field) => field.differs) ? '  the sides differ' : '  no field differs',
    `  a replay is ${record.verdict.kind}: ${record.verdict.why}`,
    ...record.history.map((each) =>
      `  ${moment(each.at)}  ${each.outcome} (${each.cause}) ${each.reason ?? (each.fields ?? []).join(', ')}`.trimEnd(),
    ),
  ];
}

export function parkedLines(parked: ParkedAnswer, now: number): string[] {
  if (parked.records.length === 0) return ['no record is parked'];
  return [
    `${plural(parked.count, 'record')} parked, oldest first`,
    ...parked.records.map(
      (each) =>
        `  ${each.collection}/${each.id}  ${ago(each.since, now)}  ${each.kind}${each.field === undefined ? '' : ` (${each.field})`}: ${each.reason}`,
    ),
    ...(parked.next === undefined ? [] : [`next page: --after ${parked.next}`]),
    `mend the cause, then: npm run intertie -- replay ${parked.flow} <record>|--all`,
  ];
}

export function auditLines(audit: FlowAudit): string[] {
  if (audit.collections.length === 0) return ['there has been no audit yet'];
  const differences = audit.collections.flatMap((each) =>
    each.differences.map((one) => `  ${each.collection}/${one.id}  ${one.cause}`),
  );
  return [
    `${auditText(audit)}${audit.repaired > 0 ? `; ${plural(audit.repaired, 'record')} repaired on the way` : ''}`,
    ...(differences.length > 0 ? ['the first that differed:', ...differences.slice(0, 20)] : []),
  ];
}
