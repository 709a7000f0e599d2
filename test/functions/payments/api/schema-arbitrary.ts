import fc from 'fast-check';

type Schema = Readonly<Record<string, unknown>>;

/** Values that a JSON schema of the API's document lets through; its examples come often. */
export function valueFrom(schema: Schema, document: Schema): fc.Arbitrary<unknown> {
  const made = madeOf(schema, document);
  const examples = schema.examples as unknown[] | undefined;
  return examples
    ? fc.oneof({ weight: 3, arbitrary: fc.constantFrom(...examples) }, { weight: 1, arbitrary: made })
    : made;
}

function madeOf(schema: Schema, document: Schema): fc.Arbitrary<unknown> {
  if (typeof schema.$ref === 'string') return valueFrom(resolved(schema.$ref, document), document);
  if (Array.isArray(schema.enum)) return fc.constantFrom(...schema.enum);
  if (schema.format === 'date-time')
    return fc
      .date({ noInvalidDate: true, min: new Date(0), max: new Date(4e12) })
      .map((date) => date.toISOString());
  if (schema.format === 'uri') return fc.webUrl({ validSchemes: ['https'] });
  switch (schema.type) {
    case 'object':
      return objectOf(schema, document);
    case 'integer':
      return fc.integer({
        min: Number(schema.minimum ?? 0),
        max: Math.min(Number(schema.maximum ?? 1e6), 2 ** 31 - 1),
      });
    case 'boolean':
      return fc.boolean();
    case 'string': {
      if (typeof schema.pattern === 'string') return fc.stringMatching(new RegExp(schema.pattern));
      const { minLength = 0, maxLength = 100 } = schema as { minLength?: number; maxLength?: number };
      return fc.string({ minLength, maxLength });
    }
    default:
      throw new Error(`no values for ${JSON.stringify(schema)}`);
  }
}

function objectOf(schema: Schema, document: Schema): fc.Arbitrary<unknown> {
  const { additionalProperties: rest, propertyNames: names } = schema;
  if (typeof rest === 'object' && rest !== null) {
    const keys = names ? valueFrom(names as Schema, document) : fc.string();
    return fc.dictionary(keys.map(String), valueFrom(rest as Schema, document), { maxKeys: 2 });
  }
  const properties = (schema.properties ?? {}) as Record<string, Schema>;
  const required = (schema.required ?? []) as string[];
  const values = Object.fromEntries(
    Object.entries(properties).map(([name, inner]) => [name, valueFrom(inner, document)]),
  );
  return fc.record(values, { requiredKeys: required });
}

function resolved(ref: string, document: Schema): Schema {
  return ref
    .slice(2)
    .split('/')
    .reduce((at, step) => at[step] as Schema, document);
}

/** What nobody should send. */
const hostile: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    0,
    -1,
    1.5,
    1e308,
    -0,
    2 ** 53,
    '',
    '10.00',
    '\u0000',
    '\ud800',
    'a\nb',
    [],
    {},
    true,
  ),
  fc.constantFrom(
    '__proto__',
    'constructor',
    '../..',
    "' or 1=1",
    '<script>',
    '4242 4242 4242 4242',
    '€'.repeat(300),
  ),
  fc.string({ unit: 'binary', maxLength: 400 }),
  fc.jsonValue({ maxDepth: 3 }),
);

/** A value with one thing wrong in it: another value somewhere, a field too many, or one too few. */
export function spoilt(value: unknown): fc.Arbitrary<unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return hostile;
  const entries = Object.entries(value);
  const more = fc
    .tuple(fc.oneof(fc.constantFrom('__proto__', 'id', 'status', 'merchant'), fc.string()), hostile)
    .map(([name, inner]) => Object.fromEntries([...entries, [name, inner]]));
  if (entries.length === 0) return fc.oneof(more, hostile);
  const at = fc.nat({ max: entries.length - 1 });
  const less = at.map((gone) => Object.fromEntries(entries.filter((_, each) => each !== gone)));
  const other = at.chain((changed) =>
    spoilt(entries[changed]?.[1]).map((inner) =>
      Object.fromEntries(entries.map(([name, old], each) => [name, each === changed ? inner : old])),
    ),
  );
  return fc.oneof(
    { weight: 1, arbitrary: more },
    { weight: 1, arbitrary: less },
    { weight: 4, arbitrary: other },
  );
}
