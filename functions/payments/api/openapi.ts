import * as z from 'zod';
import { PROBLEMS, type ProblemCode } from './problem.ts';
import {
  CaptureSchema,
  CircuitOrderSchema,
  EmptySchema,
  NewPaymentSchema,
  RefundSchema,
  ResolveSchema,
} from './requests.ts';
import type { Route } from './route.ts';
import {
  PaymentShape,
  PaymentsShape,
  ProblemShape,
  ProvidersShape,
  RefundShape,
  TimelineShape,
} from './shapes.ts';

/** A JSON value of the document. */
export type Json = { readonly [name: string]: unknown };

/** One operation as the document has it. */
export interface Operation extends Json {
  readonly operationId: string;
  readonly summary: string;
  readonly description: string;
  readonly parameters: readonly Parameter[];
  readonly requestBody?: { readonly content: Json; readonly required: boolean };
  readonly responses: Readonly<Record<string, { description: string; content: Json }>>;
}

/** One value of the path, the query or the headers. */
export interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly required: boolean;
  readonly schema: unknown;
  readonly description?: string;
}

/** An OpenAPI 3.1 document. */
export interface OpenApi {
  readonly openapi: '3.1.0';
  readonly info: { readonly title: string; readonly version: string; readonly description: string };
  readonly servers: readonly { url: string }[];
  readonly security: readonly Json[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Json>>; readonly securitySchemes: Json };
}

const NAMED: readonly (readonly [string, z.ZodType])[] = [
  ['Payment', PaymentShape],
  ['Payments', PaymentsShape],
  ['Refund', RefundShape],
  ['Timeline', TimelineShape],
  ['Providers', ProvidersShape],
  ['Problem', ProblemShape],
  ['NewPayment', NewPaymentSchema],
  ['Capture', CaptureSchema],
  ['Nothing', EmptySchema],
  ['NewRefund', RefundSchema],
  ['Resolution', ResolveSchema],
  ['CircuitOrder', CircuitOrderSchema],
];

const DESCRIPTION = `One API over several payment providers. A payment that was accepted is never lost and never made twice.

Every POST needs an \`Idempotency-Key\`. Repeat a request with its key whenever you are in doubt: you get the payment as it is now, with \`Idempotent-Replayed: true\`. A request that was refused before anything was made frees its key.

Amounts are whole minor units. \`unknown\` is not a failure: nobody can tell yet whether money moved, and the hub finds out. Do not ask for the same thing under another key meanwhile.`;

/** Problems that every operation can answer with. */
const ALWAYS: readonly ProblemCode[] = ['unauthenticated', 'forbidden', 'try-again'];
const WITH_BODY: readonly ProblemCode[] = [
  ...(['malformed-body', 'body-too-large', 'media-type', 'invalid', 'card-number'] as const),
];
const WITH_KEY: readonly ProblemCode[] = ['key-missing', 'key-malformed', 'key-reused', 'in-progress'];

/** Written from the schemas that requests and answers are checked by. */
export function openApiOf(routes: readonly Route[], url: string): OpenApi {
  const names = new Map<z.ZodType, string>(NAMED.map(([name, schema]) => [schema, name]));
  for (const { name, answers } of routes)
    for (const { shape, csv } of Object.values(answers))
      if (!csv && !names.has(shape)) names.set(shape, shapeName(name));
  const registry = z.registry<{ id: string }>();
  for (const [schema, id] of names) registry.add(schema, { id });
  const refOf = (id: string) => `#/components/schemas/${id}`;
  const { schemas } = z.toJSONSchema(registry, { uri: refOf, unrepresentable: 'any' });
  const paths: Record<string, Record<string, Operation>> = {};
  for (const route of routes) {
    const at = paths[route.path] ?? {};
    paths[route.path] = at;
    at[route.method.toLowerCase()] = operationOf(route, (schema) => ({
      $ref: refOf(names.get(schema) ?? ''),
    }));
  }
  return {
    openapi: '3.1.0',
    info: { title: 'Payments', version: '1', description: DESCRIPTION },
    servers: [{ url }],
    security: [{ key: [] }],
    paths,
    components: {
      schemas: Object.fromEntries(Object.entries(schemas).map(([name, schema]) => [name, plain(schema)])),
      securitySchemes: { key: { type: 'http', scheme: 'bearer', description: 'An API key, `itk_...`.' } },
    },
  };
}

/** `listDisputes` answers with `Disputes`. */
function shapeName(operation: string): string {
  return operation.replace(/^(get|list)/, '');
}

function operationOf(route: Route, refTo: (schema: z.ZodType) => Json): Operation {
  const { name, title, says, scope, body, answers } = route;
  const done = Object.entries(answers).map(([status, { shape, says: description, csv }]) => [
    status,
    {
      description,
      content: csv
        ? { 'text/csv': { schema: { type: 'string' } } }
        : { 'application/json': { schema: refTo(shape) } },
    },
  ]);
  const problem = { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } };
  const refused = Object.entries(Object.groupBy(problemsOf(route), (code) => PROBLEMS[code].status)).map(
    ([status, codes = []]) => [
      status,
      { description: codes.map((code) => `\`${code}\``).join(', '), content: problem },
    ],
  );
  return {
    operationId: name,
    summary: title,
    description: `${says} Scope: \`${scope}\`.`,
    parameters: parametersOf(route),
    ...(body && {
      requestBody: {
        required: !body.safeParse({}).success,
        content: { 'application/json': { schema: refTo(body) } },
      },
    }),
    responses: Object.fromEntries([...done, ...refused]),
  };
}

/** What an operation can be refused with. */
function problemsOf({ problems, body, query, keyed, method }: Route): readonly ProblemCode[] {
  return [
    ...ALWAYS,
    ...problems,
    ...(method === 'GET' && query ? (['malformed-query'] as const) : []),
    ...(body ? WITH_BODY : []),
    ...(keyed ? WITH_KEY : []),
  ];
}

function parametersOf({ path, query, keyed }: Route): Parameter[] {
  const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => ({
    ...({ name, in: 'path', required: true } as const),
    schema: { type: 'string', pattern: '^[A-Za-z0-9._:~-]{1,160}$' },
  }));
  const inQuery = Object.entries(query?.shape ?? {}).map(([name, schema]) => ({
    ...({ name, in: 'query' } as const),
    required: !schema.safeParse(undefined).success,
    schema: plain(z.toJSONSchema(schema)),
  }));
  const key: Parameter = {
    ...{ name: 'Idempotency-Key', in: 'header', required: true },
    schema: { type: 'string', pattern: '^[\\x21-\\x7e]{1,255}$' },
    description: 'Yours; kept for good. One for each thing you ask for.',
  };
  return [...inPath, ...inQuery, ...(keyed ? [key] : [])];
}

/** Without what a component of OpenAPI does not carry. */
function plain({ $schema, $id, ...schema }: Json): Json {
  return schema;
}
