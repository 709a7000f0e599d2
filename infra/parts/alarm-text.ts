import type { Told } from '../../shared/engine/health.ts';
import { StageProblem } from '../stage.ts';
import type { AlarmRule } from './alarm-rules.ts';

/** What CloudWatch accepts as an alarm's description. */
export const ALARM_TEXT_LIMIT = 1_024;

/** Pure; what the person who is paged reads. Throws when it would be cut off. */
export function alarmText(
  flow: Told,
  stage: string,
  rule: Pick<AlarmRule, 'name' | 'says' | 'first' | 'next'>,
): string {
  const command = (words: string) => `npm run intertie -- ${words} --stage ${stage}`;
  const text = [
    `${flow.title} (${stage}): ${rule.says}.`,
    `Impact: ${flow.whenItBreaks.impact}`,
    `Owner: ${flow.whoIsPaged.owner}`,
    `First: ${command(rule.first)}`,
    ...(rule.next === undefined ? [] : [`Then: ${command(rule.next)}`]),
    `Runbook: ${flow.whereToLook.runbook}`,
  ].join('\n');
  if (text.length <= ALARM_TEXT_LIMIT) return text;
  throw new StageProblem(
    `flow "${flow.name}", alarm "${rule.name}": its text has ${text.length} characters and CloudWatch takes ${ALARM_TEXT_LIMIT}; shorten whenItBreaks.impact in flow.ts by ${text.length - ALARM_TEXT_LIMIT}`,
  );
}
