import { describe, expect, test } from 'vitest';
import { readCredentials, readEnvironment } from '../../../shared/hosts/aws/environment.ts';

const good = {
  INTERTIE_STAGE: 'prod',
  INTERTIE_FLOW: 'members-payroll',
  INTERTIE_TABLE: 'intertie-prod',
  INTERTIE_QUEUES: '{"live":"https://sqs.example/live","bulk":"https://sqs.example/bulk"}',
  INTERTIE_DLQ_URL: 'https://sqs.example/dead',
  INTERTIE_SECRET_PREFIX: 'intertie/prod/',
  INTERTIE_DEPLOYMENT: 'abc',
};

describe('the environment of a function', () => {
  test('is read whole', () => {
    expect(readEnvironment(good)).toMatchObject({
      stage: 'prod',
      queues: { live: 'https://sqs.example/live', bulk: 'https://sqs.example/bulk' },
      publicUrl: undefined,
    });
  });

  test.each([
    ['INTERTIE_STAGE', 'Prod!'],
    ['INTERTIE_FLOW', undefined],
    ['INTERTIE_TABLE', ''],
    ['INTERTIE_QUEUES', 'not json'],
    ['INTERTIE_QUEUES', '{"bulk":"https://sqs.example/bulk"}'],
    ['INTERTIE_DLQ_URL', 'dead'],
    ['INTERTIE_SECRET_PREFIX', 'intertie/prod'],
    ['INTERTIE_DEPLOYMENT', ''],
    ['INTERTIE_PUBLIC_URL', 'http://plain.example'],
  ])('%s = %s is refused by name', (name, value) => {
    expect(() => readEnvironment({ ...good, [name]: value })).toThrow(new RegExp(`${name}.*deploy`));
  });

  test('credentials that are missing are named, never shown', () => {
    expect(() => readCredentials({ AWS_ACCESS_KEY_ID: 'AKIA' })).toThrow(/^AWS_SECRET_ACCESS_KEY is not set/);
  });
});
