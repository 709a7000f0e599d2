import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect, test } from 'vitest';
import * as z from 'zod';
import { createKey } from '../../../../functions/payments/api/api-key.ts';
import { buildApi } from '../../../../functions/payments/api/app.ts';
import { disputes, noteDispute } from '../../../../functions/payments/disputes/disputes.ts';
import { reconciliations } from '../../../../functions/payments/reconciliation/reports.ts';
import { startWorld, type World } from '../world.ts';
import { nextMorning, pay, sideOf, TODAY } from './busy-day.ts';

async function askingAs(world: World, merchant: string) {
  const api = buildApi({ ...world, reconciliations, disputes });
  const { text } = await createKey(world.ports, { merchant, title: 'test', scopes: ['read'] });
  return (path: string, accept = 'application/json') => {
    const headers = { authorization: `Bearer ${text}`, accept };
    return api.answer(new Request(`http://api.test${path}`, { headers }), world.work());
  };
}

/** By the schema that the API's document shows, with a validator of its own. */
function fits(schema: z.ZodType, value: unknown): boolean {
  return new Ajv2020({ strict: false }).validate(z.toJSONSchema(schema), value);
}

test('reports and disputes are what the API’s document says they are', async () => {
  await using world = await startWorld();
  const payment = await pay(world, 'pay_1', { vendor: 'stripe', minor: 5_000 });
  const set = { payment_intent: payment.attempts[0]?.id ?? '' };
  const id = world.stripe.sandbox.edit({ record: 'dispute', set });
  await noteDispute(world.ports, { ...sideOf(world, 'stripe'), merchants: ['club'] }, id);
  await nextMorning(world);
  const ask = await askingAs(world, 'club');

  const list = z
    .looseObject({ items: z.array(z.unknown()) })
    .parse(await (await ask('/v1/reconciliations?limit=1')).json());
  expect(list).toMatchObject({ items: [{ id: expect.stringMatching(/^(stripe|paypal)\.2026-11-24$/) }] });
  expect(fits(z.array(reconciliations.summary), list.items)).toBe(true);
  const answer = await (await ask(`/v1/reconciliations/stripe.${TODAY}`)).json();
  const report = z.looseObject({ lines: z.array(z.looseObject({ kind: z.string() })) }).parse(answer);
  expect(report).toMatchObject({ rows: 2, findings: 1 });
  expect(report.lines.map(({ kind }) => kind)).toEqual(['dispute-open', 'matched']);
  expect(fits(reconciliations.report, report)).toBe(true);
  expect(fits(reconciliations.report, { ...report, lines: [{ kind: 'fine' }] })).toBe(false);
  for (const table of [
    await ask(`/v1/reconciliations/stripe.${TODAY}.csv`),
    await ask(`/v1/reconciliations/stripe.${TODAY}`, 'text/csv'),
  ])
    expect(await table.text()).toMatch(/^kind,of,.*\r\ndispute-open,dispute,.*\r\nmatched,charge,.*\r\n$/);

  const dispute = await (await ask(`/v1/disputes/stripe.${id}`)).json();
  expect(dispute).toMatchObject({ payment: 'pay_1', standing: 'needs-response', minor: 5_000 });
  expect(fits(disputes.dispute, dispute)).toBe(true);
  const other = await askingAs(world, 'other');
  expect((await other(`/v1/disputes/stripe.${id}`)).status).toBe(404);
  expect((await other(`/v1/reconciliations/stripe.${TODAY}`)).status).toBe(200);
  expect(await (await other('/v1/disputes')).json()).toMatchObject({ items: [] });
});
