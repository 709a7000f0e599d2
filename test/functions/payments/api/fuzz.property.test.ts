import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Operation } from '../../../../functions/payments/api/openapi.ts';
import { type ApiWorld, startApi } from './api-world.ts';
import { spoilt, valueFrom } from './schema-arbitrary.ts';

interface Sent {
  method: string;
  path: string;
  body: unknown;
  key: string;
}

/** All that is kept, but keys that are free again: they bind nobody. */
function kept(api: ApiWorld): Map<string, string> {
  return new Map(
    [...api.state.documents].flatMap(([name, { json }]) =>
      json.includes('"free":true') ? [] : [[name, json]],
    ),
  );
}

function requestOf(api: ApiWorld, ids: readonly string[]): fc.Arbitrary<Sent> {
  const operations = Object.entries(api.document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method: method.toUpperCase(), operation })),
  );
  const document = api.document as unknown as Record<string, unknown>;
  return fc.constantFrom(...operations).chain(({ path, method, operation }) =>
    fc.record({
      method: fc.constant(method),
      path: pathOf(path, operation, ids, document),
      body: bodyOf(operation, document),
      key: fc.oneof(
        { weight: 5, arbitrary: fc.uuid() },
        { weight: 1, arbitrary: fc.constantFrom('none', 'same', 'a b') },
      ),
    }),
  );
}

function pathOf(
  path: string,
  { parameters }: Operation,
  ids: readonly string[],
  document: Record<string, unknown>,
): fc.Arbitrary<string> {
  const id = fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom(...ids, 'stripe') },
    {
      weight: 1,
      arbitrary: fc.string({ minLength: 1, maxLength: 40 }).filter((text) => !/^\.{1,2}$/.test(text)),
    },
  );
  const named = parameters.filter((each) => each.in === 'query');
  const query = fc.record(
    Object.fromEntries(
      named.map(({ name, schema }) => [
        name,
        fc.oneof(valueFrom(schema as Record<string, unknown>, document).map(String), fc.string()),
      ]),
    ),
    { requiredKeys: [] },
  );
  return fc.tuple(id, query).map(([value, params]) => {
    const place = path.replaceAll(/\{\w+\}/g, () => encodeURIComponent(value));
    const text = new URLSearchParams(params as Record<string, string>).toString();
    return text === '' ? place : `${place}?${text}`;
  });
}

function bodyOf({ requestBody }: Operation, document: Record<string, unknown>): fc.Arbitrary<unknown> {
  if (!requestBody) return fc.constant(undefined);
  const { schema } = requestBody.content['application/json'] as { schema: Record<string, unknown> };
  const right = valueFrom(schema, document);
  return fc.oneof(
    { weight: 3, arbitrary: right },
    { weight: 6, arbitrary: right.chain(spoilt) },
    { weight: 1, arbitrary: fc.string({ maxLength: 200 }) },
  );
}

test('whatever is sent: no 5xx, an answer as documented, and nothing changes when it is refused', async () => {
  await using api = await startApi();
  const captured = await api.pay();
  const held = await api.pay({ capture: 'manual' });
  const refunded = await api.call('POST', `/v1/payments/${captured.body.id}/refunds`, {
    body: { amount: 5 },
  });
  const ids = [captured.body.id, held.body.id, refunded.body.refunds?.[0]?.id].map(String);
  const seen = new Map<number, number>();
  await fc.assert(
    fc.asyncProperty(requestOf(api, ids), async ({ method, path, body, key }) => {
      const before = { documents: kept(api), sent: api.sent().length, queue: api.queue.length };
      const { status, body: answer, headers } = await api.call(method, path, { body, key });
      seen.set(status, (seen.get(status) ?? 0) + 1);
      expect(status).toBeLessThan(500);
      if (status < 400) return;
      expect(headers.get('content-type')).toBe('application/problem+json');
      expect({ documents: kept(api), sent: api.sent().length, queue: api.queue.length }).toEqual(before);
      if (status === 400 || status === 422) expect(answer.field).toEqual(expect.stringMatching(/./));
    }),
    { numRuns: 300 },
  );
  for (const status of [200, 400, 404, 422]) expect([...seen.keys()]).toContain(status);
}, 120_000);
