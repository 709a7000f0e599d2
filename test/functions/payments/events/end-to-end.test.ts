import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Webhook } from 'standardwebhooks';
import { expect, test } from 'vitest';
import { accept } from '../../../../functions/payments/accept.ts';
import { advance } from '../../../../functions/payments/advance.ts';
import { askRefund } from '../../../../functions/payments/ask.ts';
import { deliverEvent } from '../../../../functions/payments/events/deliver.ts';
import { setEndpoint } from '../../../../functions/payments/events/set-endpoint.ts';
import { readPayment, writePayment } from '../../../../functions/payments/store.ts';
import { publicHttp } from '../../../../shared/hosts/public-http.ts';
import { draftOf } from '../builders.ts';
import { startWorld } from '../world.ts';

/** A merchant's server, which is down for its first request. */
async function startShop() {
  const got: { headers: Record<string, string>; body: string }[] = [];
  let requests = 0;
  const server = createServer(async (request, response) => {
    requests += 1;
    const body = Buffer.concat(await request.toArray()).toString();
    if (requests === 1) return response.writeHead(503).end();
    got.push({
      headers: Object.fromEntries(Object.entries(request.headers).map(([k, v]) => [k, String(v)])),
      body,
    });
    response.writeHead(204).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const stop = () => new Promise<void>((resolve) => server.close(() => resolve()));
  return { url: `http://127.0.0.1:${port}/hook`, got, [Symbol.asyncDispose]: stop };
}

test('a payment and its refund at a sandbox reach the merchant over HTTP, signed, and the event queue', async () => {
  await using shop = await startShop();
  await using world = await startWorld({ publicHttp: publicHttp({ allowLoopback: true }) });
  const { ports, site, clock } = world;
  const club = site.merchants[0]!;
  const set = await setEndpoint(ports, site, { merchant: 'club', url: shop.url, allowLoopback: true });
  const secret = set.ok ? (set.secret ?? '') : '';
  const worker = async ({ collection, id }: { collection: string; id: string }, dueAt: number) => {
    const work = world.work();
    if (collection === 'event') return deliverEvent(ports, site, id, { ...work, dueAt });
    return advance(world.hubOf(club, work), id, { deadline: work.deadline, due: dueAt });
  };
  const payment = draftOf({
    instruments: { stripe: { token: 'pm_card_visa' } },
    routing: { order: ['stripe'], failover: 'proof', softDecline: 'stop' },
    processBefore: clock.now() + 3_600_000,
  });
  const token = () => ports.random.token();
  const now = clock.now();
  await accept(ports.documents, { payment, key: 'k', body: 'b', now, busyUntil: now + 15_000, token });
  await worker({ collection: 'payment', id: 'pay_1' }, now);
  await world.run(60_000, worker);
  const stored = (await readPayment(ports.documents, 'pay_1'))!;
  const asked = askRefund(stored.payment, { id: 're_1', amount: 500 }, clock.now());
  if (asked.ok) await writePayment(ports.documents, stored, asked.payment, token());
  await worker({ collection: 'payment', id: 'pay_1' }, clock.now());
  await world.run(600_000, worker);

  const expected = ['payment.created', 'payment.captured', 'refund.created', 'refund.succeeded'];
  const versions = new Map<unknown, string>();
  for (const { headers, body } of shop.got) {
    const { type, data } = JSON.parse(body);
    versions.set(data.version, type);
    const at = new Date(Number(headers['webhook-timestamp']) * 1000);
    const signature = new Webhook(secret).sign(headers['webhook-id'] ?? '', at, body);
    expect(headers['webhook-signature']).toBe(signature);
    expect(headers['webhook-id']).toBe(`evt_pay_1_${data.version}`);
  }
  expect(shop.got).toHaveLength(4);
  expect([1, 2, 3, 4].map((version) => versions.get(version))).toEqual(expected);
  const published = world.published.map((each) => (each as { type: string }).type);
  expect(published.sort()).toEqual([...expected].sort());
});
