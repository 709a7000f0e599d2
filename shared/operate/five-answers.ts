import type { FlowDefinition } from '../engine/flow.ts';
import type { ServiceDefinition, ServiceTimer } from '../engine/service.ts';
import type { FlowStatus } from './answers.ts';

/** The five questions of a flow, answered in sentences from its definition. */
export function fiveAnswers(flow: FlowDefinition): FlowStatus['answers'] {
  const { moves, howOften, whenItBreaks, whoIsPaged, whereToLook } = flow;
  const { audit } = howOften;
  const webhook = howOften.webhook === false ? '' : `${howOften.webhook}, at once; `;
  const every =
    howOften.scanEveryMinutes === 1 ? 'every minute' : `every ${howOften.scanEveryMinutes} minutes`;
  return {
    moves: `${moves.what}, from ${moves.from} to ${moves.to} (${moves.direction})`,
    howOften: `${webhook}scanned ${every}; audited daily at ${audit.dailyAt} ${audit.timeZone}`,
    whenItBreaks: `${whenItBreaks.impact} Retried for ${horizon(whenItBreaks.retryHorizonHours)}. Parked: ${whenItBreaks.parks}`,
    whoIsPaged: `${whoIsPaged.page.join(', ')}; owner: ${whoIsPaged.owner}`,
    whereToLook: whereToLook.runbook,
  };
}

/** The five questions of a service. */
export function serviceAnswers(service: ServiceDefinition): FlowStatus['answers'] {
  const { moves, howOften, whenItBreaks, whoIsPaged, whereToLook } = service;
  const timers = howOften.timers.map(({ name, when }) => `${name} ${timed(when)}`).join(', ');
  return {
    moves: `${moves.what}, from ${moves.from} to ${moves.to}`,
    howOften: `called ${howOften.called}; by itself: ${timers}`,
    whenItBreaks: `${whenItBreaks.impact} In the dead-letter queue: ${whenItBreaks.parks}`,
    whoIsPaged: `${whoIsPaged.page.join(', ')}; owner: ${whoIsPaged.owner}`,
    whereToLook: whereToLook.runbook,
  };
}

/** `every 5 minutes`, or a time of day. */
export function timed(when: ServiceTimer['when']): string {
  if (!('everyMinutes' in when)) return `daily at ${when.dailyAt} ${when.timeZone}`;
  return when.everyMinutes === 1 ? 'every minute' : `every ${when.everyMinutes} minutes`;
}

function horizon(hours: number): string {
  return hours % 24 === 0 ? `${hours / 24} days` : `${hours} hours`;
}
