import { describe, expect, test } from 'vitest';
import { paymentsDesk } from '../../../../functions/payments/desk/desk.ts';
import { storeReport } from '../../../../functions/payments/reconciliation/reports.ts';
import { noteStrays } from '../../../../functions/payments/reconciliation/stray.ts';
import { paymentKey, readPayment } from '../../../../functions/payments/store.ts';
import { CannotDo } from '../../../../shared/engine/service.ts';
import { buildConsole } from '../../../../shared/operate/console/pages.ts';
import type { OperatorView } from '../../../../shared/operate/console/view.ts';
import { type DeskWorld, startDesk } from '../operate/desk-world.ts';

const HOSTILE = '<script>alert(1)</script>';
const HOME = '/services/payments';
const DAY = 86_400_000;
const never = () => Promise.reject(new Error('no flow is looked at'));
const noFlows: OperatorView = {
  ...{ status: never, record: never, parked: never, items: never },
  sandboxes: async () => [],
};

/** A desk with a payment that needs review, money that strays, and a report with findings. */
async function busyDesk(): Promise<DeskWorld & { id: string; html(path: string): Promise<string> }> {
  const desk = await startDesk();
  const { documents } = desk.ports;
  const id = await desk.pay({ description: HOSTILE, reference: 'order-9' });
  const stored = await readPayment(documents, id);
  if (!stored) throw new Error('no payment');
  const operations = stored.payment.operations.map((each) =>
    each.kind === 'capture' ? { ...each, state: 'needs-review' as const } : each,
  );
  const filed = { list: 'payments/open', at: stored.payment.createdAt };
  await documents.put(paymentKey(id), { ...stored.payment, operations }, stored.revision, filed);
  const at = desk.clock.now();
  await noteStrays(documents, [
    {
      ...{ kind: 'duplicate-capture', provider: 'stripe', id: 'pi_9', minor: 4_711, currency: 'EUR' },
      ...{ payment: id, at, notedAt: at, says: HOSTILE },
    },
  ]);
  const from = at - DAY;
  const sums = {
    charges: 4_711,
    refunds: 0,
    returned: 0,
    disputes: 0,
    fees: -91,
    reserves: 0,
    adjustments: 0,
  };
  await storeReport(
    documents,
    { merchant: 'club', provider: 'stripe', name: '2026-11-23' },
    {
      ...{ schema: 1, id: 'stripe.2026-11-23', merchant: 'club', provider: 'stripe', scope: 'day' },
      ...{ from, to: at, madeAt: at, rows: 2, findings: 1, counts: { matched: 1 }, unbalanced: [] },
      totals: [
        {
          ...{ ...sums, currency: 'EUR', entries: 2, payouts: 0, net: 4_620, expected: 0 },
          ...{ opening: 0, closing: 4_620, difference: 4_711 },
        },
      ],
      payouts: [],
    },
    [
      { kind: 'orphan-at-provider', of: 'charge', at: from, currency: 'EUR', gross: 4_711, says: HOSTILE },
      { kind: 'matched', of: 'charge', at: from, currency: 'EUR', gross: 1_999, payment: id },
    ],
  );
  await desk.service.operate('circuit', { provider: 'stripe', force: 'open', reason: HOSTILE }, desk.work());
  const pages = buildConsole(noFlows, {
    desks: [paymentsDesk],
    run: (_, command, input) => desk.service.operate(command, input, desk.work()),
    now: () => desk.clock.now(),
  });
  const html = async (path: string) => {
    const answer = await pages.request(`${HOME}${path}`);
    expect(answer.status, path).toBe(200);
    return answer.text();
  };
  return { ...desk, id, html };
}

const paths = (id: string) => [
  ...['', '?find=nothing-of-this-name', '?status=needs-review', `/payments/${id}`, '/providers'],
  ...['/reconciliations', '/reconciliations?findings=true', '/reconciliations/club/stripe.2026-11-23'],
  ...['/stray', '/disputes', '/events', '/journal'],
];

describe('every page', () => {
  test('is whole, closes what it opens, and shows text of outsiders as text', async () => {
    await using desk = await busyDesk();
    for (const path of paths(desk.id)) {
      const text = await desk.html(path);
      expect(text, path).toMatch(/^<!doctype html>/);
      expect(text, path).not.toMatch(/<script| on\w+="|\[object|undefined/);
      for (const tag of ['main', 'section', 'table', 'tbody', 'form', 'dl', 'p', 'div', 'nav', 'select'])
        expect(text.match(new RegExp(`</${tag}>`, 'g'))?.length ?? 0, `${tag} of ${path}`).toBe(
          text.match(new RegExp(`<${tag}[ >]`, 'g'))?.length ?? 0,
        );
      for (const [, href = ''] of text.matchAll(/href="(\/services[^"]*)"/g))
        if (!href.endsWith('/csv')) await desk.html(href.slice(HOME.length));
    }
  });

  test('has forms for commands that there are, which come back to it', async () => {
    await using desk = await busyDesk();
    for (const path of paths(desk.id)) {
      const text = await desk.html(path);
      for (const [, command = ''] of text.matchAll(/action="\/api\/services\/payments\/([^"]+)"/g)) {
        expect(Object.keys(paymentsDesk.notices), command).toContain(command);
        await desk.service
          .operate(command, { nothing: 'of use' }, desk.work())
          .catch((thrown: unknown) => expect(thrown instanceof CannotDo && thrown.kind).toBe('input'));
      }
      const forms = text.match(/method="post"/g)?.length ?? 0;
      expect(text.match(/name="return" value="\/services\/payments/g)?.length ?? 0, path).toBe(forms);
    }
  });
});

describe('people are shown', () => {
  test('what to do about a payment that needs review, with a form for what they found', async () => {
    await using desk = await busyDesk();
    const text = await desk.html(`/payments/${desk.id}`);
    expect(text).toContain('What to do');
    expect(text).toContain('capture of 19.99 EUR at stripe');
    expect(text).toContain('action="/api/services/payments/resolve"');
    expect(text).toContain('&lt;script&gt;');
  });

  test('findings before what agrees, and each with its advice', async () => {
    await using desk = await busyDesk();
    const text = await desk.html('/reconciliations/club/stripe.2026-11-23');
    expect(text.indexOf('orphan-at-provider')).toBeLessThan(text.indexOf('charge, matched'));
    expect(text).toContain('find out who charged it');
    expect(text).toContain('47.11 EUR');
  });

  test('a provider that is left alone, by whose reason, and how it is called again', async () => {
    await using desk = await busyDesk();
    const text = await desk.html('/providers');
    expect(text).toContain('left alone');
    expect(text).toContain('Let outcomes decide');
    expect(text).toContain('name="force" value="closed"');
  });

  test('a report as a file', async () => {
    await using desk = await busyDesk();
    const text = await desk.html('/reconciliations/club/stripe.2026-11-23/csv');
    expect(text.split('\r\n')).toHaveLength(4);
  });
});
