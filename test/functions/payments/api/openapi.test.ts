import { Ajv2020 } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import { describe, expect, test } from 'vitest';
import { buildApi } from '../../../../functions/payments/api/app.ts';
import { PROBLEMS } from '../../../../functions/payments/api/problem.ts';
import { startApi } from './api-world.ts';

describe('the document', () => {
  test('is whole: every reference leads somewhere, every schema compiles, every name is there once', async () => {
    await using api = await startApi();
    const { document } = api;
    const refs = [...JSON.stringify(document).matchAll(/"\$ref":"([^"]+)"/g)].map(([, ref = '']) => ref);
    expect(refs.length).toBeGreaterThan(20);
    for (const ref of refs)
      expect(document.components.schemas, ref).toHaveProperty([ref.replace(/^.*\//, '')]);
    const ajv = new Ajv2020({ strict: true, strictTypes: false });
    formats.default(ajv);
    ajv.addVocabulary(['components']);
    ajv.addSchema({ $id: 'api', components: document.components });
    for (const name of Object.keys(document.components.schemas))
      expect(ajv.compile({ $ref: `api#/components/schemas/${name}` })('text'), name).toBe(false);
    const operations = Object.values(document.paths).flatMap((methods) => Object.values(methods));
    const names = operations.map(({ operationId }) => operationId);
    expect(new Set(names).size).toBe(names.length);
    for (const [path, methods] of Object.entries(document.paths))
      for (const { parameters } of Object.values(methods))
        expect(parameters.filter((each) => each.in === 'path').map(({ name }) => name)).toEqual(
          [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name),
        );
  });

  test('holds every operation that was asked for, and its key', async () => {
    await using api = await startApi();
    const listed = Object.entries(api.document.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method} ${path}`),
    );
    expect(listed.toSorted()).toMatchInlineSnapshot(`
      [
        "get /v1/disputes",
        "get /v1/disputes/{id}",
        "get /v1/payments",
        "get /v1/payments/{id}",
        "get /v1/payments/{id}/timeline",
        "get /v1/providers",
        "get /v1/reconciliations",
        "get /v1/reconciliations/{id}",
        "get /v1/reconciliations/{id}.csv",
        "get /v1/refunds/{id}",
        "post /v1/payments",
        "post /v1/payments/{id}/capture",
        "post /v1/payments/{id}/refunds",
        "post /v1/payments/{id}/resolve",
        "post /v1/payments/{id}/sync",
        "post /v1/payments/{id}/void",
        "put /v1/providers/{provider}/circuit",
      ]
    `);
    for (const methods of Object.values(api.document.paths)) {
      const keyed = methods.post?.parameters.some(
        ({ name, required }) => name === 'Idempotency-Key' && required,
      );
      expect(keyed ?? true).toBe(true);
    }
  });

  test('tells fields apart from what zod would let through', async () => {
    await using api = await startApi();
    const { NewPayment } = api.document.components.schemas;
    expect(NewPayment).toMatchObject({
      type: 'object',
      required: ['reference', 'amount', 'currency', 'instrument'],
      additionalProperties: false,
      properties: { amount: { type: 'integer', minimum: 1 }, currency: { pattern: '^[A-Z]{3}$' } },
    });
  });
});

test('the page needs nothing from elsewhere, and explains every operation and every problem', async () => {
  await using api = await startApi();
  const answered = await buildApi(api.parts).answer(new Request('http://api.test/docs'), api.work());
  const page = await answered.text();
  expect(answered.headers.get('content-type')).toContain('text/html');
  expect(answered.headers.get('content-security-policy')).toContain("default-src 'none'");
  expect(page).not.toMatch(/<script|<img|<link|src=|url\(|undefined|\[object/);
  for (const methods of Object.values(api.document.paths))
    for (const { operationId } of Object.values(methods)) expect(page).toContain(`id="${operationId}"`);
  for (const code of Object.keys(PROBLEMS)) expect(page).toContain(`id="${code}"`);
  const anchors = [...page.matchAll(/href="#([^"]+)"/g)].map(([, name]) => name);
  for (const name of anchors) expect(page).toContain(`id="${name}"`);
});
