import { Ajv2020 } from 'ajv/dist/2020.js';
import { default as formats } from 'ajv-formats';
import * as z from 'zod';
import { createKey, type Scope } from '../../../../functions/payments/api/api-key.ts';
import { buildApi } from '../../../../functions/payments/api/app.ts';
import type { OpenApi } from '../../../../functions/payments/api/openapi.ts';
import type { ApiParts, Disputes, Reconciliations } from '../../../../functions/payments/api/parts.ts';
import { startWorld, type World } from '../world.ts';

/** A payment as the API shows it, as far as tests look at it. */
export interface Shown {
  id: string;
  status: string;
  version: number;
  failover: string;
  amounts: Record<string, number>;
  attempts: { provider: string; outcome: string; providerId?: string }[];
  refunds: { id: string; status: string; amount: number }[];
  review?: { operation: number; kind: string }[];
  nextAction?: { type: string; url?: string; clientSecret?: string; expiresAt: string };
}

/** What came back; its body has been held against the API's own document. */
export interface Answered {
  status: number;
  headers: Headers;
  body: Record<string, unknown> & Partial<Shown>;
  text: string;
}

export interface Ask {
  key?: string;
  auth?: string;
  headers?: Record<string, string>;
  body?: unknown;
}

/** Books of two merchants, kept in memory. */
const bookOf = (merchant: string) =>
  ['2026-11-22', '2026-11-23', '2026-11-24'].map((day) => ({ id: `stripe.${day}`, merchant, rows: 1 }));
const BookShape = z.strictObject({ id: z.string(), merchant: z.string(), rows: z.int() });
const cutOf = <T extends { id: string }>(items: T[], { limit, after }: { limit: number; after?: string }) => {
  const from = after === undefined ? 0 : items.findIndex(({ id }) => id === after) + 1;
  const shown = items.slice(from, from + limit);
  const last = shown.at(-1);
  return { items: shown, ...(from + limit < items.length && last && { next: last.id }) };
};
const reconciliations: Reconciliations = {
  summary: BookShape,
  report: BookShape.extend({ lines: z.array(z.string()) }),
  listReconciliations: async (_, merchant, cut) => cutOf(bookOf(merchant), cut),
  getReconciliation: async (_, merchant, id) => {
    const report = bookOf(merchant).find((each) => each.id === id);
    return report && { ...report, lines: ['one'] };
  },
  reconciliationCsv: async (_, merchant, id) =>
    bookOf(merchant).some((each) => each.id === id) ? 'kind\nmatched\n' : undefined,
};
const disputes: Disputes = {
  dispute: z.strictObject({ id: z.string(), merchant: z.string() }),
  listDisputes: async (_, merchant, cut) => cutOf([{ id: `stripe.${merchant}`, merchant }], cut),
  getDispute: async (_, merchant, id) => (id === `stripe.${merchant}` ? { id, merchant } : undefined),
};

export interface ApiWorld extends World {
  readonly document: OpenApi;
  readonly parts: ApiParts;
  /** The text of a fresh key. */
  keyOf(merchant: string, scopes: readonly Scope[]): Promise<string>;
  call(method: string, path: string, ask?: Ask): Promise<Answered>;
  /** A payment by card through the first provider. */
  pay(change?: Record<string, unknown>, ask?: Ask): Promise<Answered>;
}

/** An API of two clubs over the sandboxes; calls are made with a key of the first one that may do everything. */
export async function startApi(): Promise<ApiWorld> {
  const world = await startWorld();
  const parts: ApiParts = { ...world, reconciliations, disputes };
  const api = buildApi(parts);
  const keyOf = async (merchant: string, scopes: readonly Scope[]) =>
    (await createKey(world.ports, { merchant, title: 'test', scopes: [...scopes] })).text;
  const everything = await keyOf('club', ['read', 'pay', 'refund', 'operate']);
  const ask = (request: Request) => api.answer(request, world.work());
  const document = (await (await ask(new Request('http://api.test/openapi.json'))).json()) as OpenApi;
  const check = checker(document);
  let keys = 0;
  const call: ApiWorld['call'] = async (method, path, { key, auth = everything, headers, body } = {}) => {
    keys += 1;
    const sent = {
      ...(auth !== '' && { authorization: `Bearer ${auth}` }),
      ...(method === 'POST' && { 'idempotency-key': key ?? `key-${keys}` }),
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...headers,
    };
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    const request = new Request(`http://api.test${path}`, {
      method,
      headers: Object.fromEntries(Object.entries(sent).filter(([, value]) => value !== 'none')),
      ...(body !== undefined && { body: text }),
    });
    const response = await ask(request);
    const answered = { status: response.status, headers: response.headers, text: await response.text() };
    const isJson = response.headers.get('content-type')?.includes('json');
    const parsed = isJson ? JSON.parse(answered.text) : {};
    check(method, path, answered, parsed);
    return { ...answered, body: parsed };
  };
  let references = 0;
  const pay: ApiWorld['pay'] = (change = {}, more = {}) => {
    references += 1;
    const body = {
      ...{ reference: `order-${references}`, amount: 1_999, currency: 'EUR' },
      ...{ instrument: { stripe: { token: 'pm_card_visa' } }, ...change },
    };
    return call('POST', '/v1/payments', { body, ...more });
  };
  return { ...world, document, parts, keyOf, call, pay };
}

/** Throws when an answer is not one that the document promises for its operation and status. */
function checker(document: OpenApi) {
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  formats.default(ajv);
  ajv.addSchema({ ...document, $id: 'api' });
  return (
    method: string,
    path: string,
    { status, headers, text }: { status: number; headers: Headers; text: string },
    body: unknown,
  ) => {
    const plain = path.split('?')[0] ?? '';
    const place = Object.keys(document.paths)
      .sort((a, b) => Number(b.endsWith('.csv')) - Number(a.endsWith('.csv')))
      .find((each) =>
        new RegExp(`^${each.replaceAll('.', '\\.').replaceAll(/\{\w+\}/g, '[^/]+')}$`).test(plain),
      );
    const operation = place && document.paths[place]?.[method.toLowerCase()];
    const type = headers.get('content-type')?.split(';')[0] ?? '';
    if (!operation) {
      if (status !== 404 && status !== 405) throw new Error(`${method} ${path} is not documented`);
      return validate(ajv, 'api#/components/schemas/Problem', body);
    }
    const promised = operation.responses[String(status)];
    if (!promised) throw new Error(`${method} ${place}: ${status} is not documented: ${text}`);
    if (!(type in promised.content) && type !== 'text/csv')
      throw new Error(`${method} ${place}: ${status} is not documented as ${type}`);
    if (type === 'text/csv') return;
    const steps = [
      'paths',
      place,
      method.toLowerCase(),
      'responses',
      String(status),
      'content',
      type,
      'schema',
    ];
    validate(ajv, `api#/${steps.map(pointer).join('/')}`, body);
  };
}

function validate(ajv: Ajv2020, ref: string, body: unknown): void {
  const valid = ajv.getSchema(ref) ?? ajv.compile({ $ref: ref });
  if (!valid(body)) throw new Error(`${ref}: ${ajv.errorsText(valid.errors)}\n${JSON.stringify(body)}`);
}

function pointer(step: string): string {
  return encodeURIComponent(step.replaceAll('~', '~0').replaceAll('/', '~1'));
}
