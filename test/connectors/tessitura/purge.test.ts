import { expect, test } from 'vitest';
import { schedulePurge, unschedulePurge } from '../../../shared/connectors/tessitura/index.ts';
import { faultOf } from '../contract.ts';
import { running } from './running.ts';

const isMarked = (sandbox: Awaited<ReturnType<typeof running>>['sandbox'], id: string) =>
  sandbox.peek('constituent', id)?.PurgeScheduled;

test('a patron without business is marked, and unmarked again', async () => {
  const { sandbox, session } = await running();
  const id = sandbox.edit({ record: 'constituent', set: { LastName: 'Leaving' } });
  expect(await schedulePurge(session(), id)).toEqual({ ok: true });
  expect(isMarked(sandbox, id)).toBe(true);
  expect(await unschedulePurge(session(), id)).toEqual({ ok: true });
  expect(isMarked(sandbox, id)).toBe(false);
});

test('an order for a performance to come refuses it with the words of the vendor, unless one ignores that', async () => {
  const { sandbox, session } = await running();
  const id = sandbox.edit({ record: 'constituent', set: { LastName: 'Going' } });
  sandbox.edit({ record: 'ticket', set: { Constituent: Number(id), Day: '2026-09-04', Amount: 30 } });
  const answer = await schedulePurge(session(), id);
  expect(answer).toMatchObject({ ok: false });
  expect(!answer.ok && answer.because).toContain('future performance');
  expect(isMarked(sandbox, id)).toBe(false);
  expect(await schedulePurge(session(), id, { ignoreWarnings: true })).toEqual({ ok: true });
  expect(isMarked(sandbox, id)).toBe(true);
});

test('nobody to purge is a fault', async () => {
  const { session } = await running();
  expect((await faultOf(schedulePurge(session(), '99999999')))?.kind).toBe('rejected');
});

test('a lost answer is an unknown outcome', async () => {
  const { sandbox, session } = await running();
  const id = sandbox.edit({ record: 'constituent', set: { LastName: 'Leaving' } });
  sandbox.setFaults({ 'reply-lost': true });
  expect((await faultOf(schedulePurge(session(), id)))?.kind).toBe('unknown-outcome');
});
