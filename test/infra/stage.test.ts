import { describe, expect, test } from 'vitest';
import { flows } from '../../functions/flows.ts';
import { readStage, StageProblem } from '../../infra/stage.ts';

const good = { recipients: { 'integration-on-call': 'oncall@theatre.org' } };

function read(stage: unknown, stages: unknown) {
  const context = new Map([
    ['stage', stage],
    ['stages', stages],
  ]);
  return readStage((key) => context.get(key), flows);
}

function problem(stage: unknown, stages: unknown): string {
  try {
    read(stage, stages);
  } catch (error) {
    if (error instanceof StageProblem) return error.message;
    throw error;
  }
  throw new Error('nothing was found wrong');
}

const withField = (field: object) => problem('prod', { prod: { ...good, ...field } });

describe('the settings of a stage', () => {
  test('what is left out has a safe value', () => {
    expect(read('prod', { prod: good })).toEqual({
      name: 'prod',
      ...good,
      logRetentionDays: 30,
      egress: 'none',
      existingSecrets: [],
      existingTable: false,
      concurrency: { urgent: 5, live: 10, bulk: 5, webhook: 10, api: 20 },
      alarms: { errors: 3 },
    });
  });

  test.each([
    ['no stage', problem(undefined, { prod: good }), /"stage" must be .* -c stage=prod/],
    ['a stage with capitals', problem('Prod', { Prod: good }), /"stage" must be lower-case/],
    ['no stages at all', problem('prod', undefined), /"stages" is missing: cdk\.json/],
    [
      'a stage that nobody described',
      problem('qa', { prod: good }),
      /"qa" has no settings: add "qa".*one of: prod/,
    ],
    ['an inherited name as stage', problem('constructor', { prod: good }), /"constructor" has no settings/],
    ['no recipients', problem('prod', { prod: {} }), /^stages\.prod\.recipients: .*correct it in cdk\.json/],
    [
      'a contact without address',
      withField({ recipients: {} }),
      /recipients\.integration-on-call: missing, and "ticketing-marketing" pages it/,
    ],
    [
      'a contact that no flow pages',
      withField({ recipients: { ...good.recipients, nigth: 'nobody' } }),
      /recipients\.nigth: no flow pages it; known are integration-on-call/,
    ],
    [
      'something that is no address',
      withField({ recipients: { 'integration-on-call': 'me' } }),
      /recipients\.integration-on-call: /,
    ],
    [
      'an address that was copied from the documents',
      withField({ recipients: { 'integration-on-call': 'you@example.com' } }),
      /recipients\.integration-on-call: /,
    ],
    [
      'a field with a slip of the pen',
      withField({ logRetention: 30 }),
      /^stages\.prod\.logRetention: unknown/,
    ],
    ['a nested slip', withField({ concurrency: { life: 5 } }), /^stages\.prod\.concurrency\.life: unknown/],
    [
      'days that CloudWatch does not offer',
      withField({ logRetentionDays: 31 }),
      /logRetentionDays: must be one of 1, 3, 5, 7/,
    ],
    ['an egress that does not exist', withField({ egress: 'vpn' }), /^stages\.prod\.egress: /],
    ['a concurrency below what Lambda takes', withField({ concurrency: { live: 1 } }), /concurrency\.live: /],
    ['a public address without TLS', withField({ publicUrl: 'http://hooks.theatre.org' }), /publicUrl: /],
    [
      'a secret of an account that no flow uses',
      withField({ existingSecrets: ['hubspot/mian'] }),
      /existingSecrets: .*hubspot\/mian.*hubspot\/main/,
    ],
  ])('%s: names the field and the fix', (_, said, expected) => {
    expect(said).toMatch(expected);
    expect(said).not.toContain('\n');
  });
});
