/** Random JSON Schemas with every enforced keyword, some contradictory. */

import fc from 'fast-check'

export type Schema = boolean | { readonly [keyword: string]: unknown }

const declared = ['a', 'bb', 'name', 'x-y', 'key"quoted', 'ключ', 'long name']
/** Names used in `properties`, `required` and `enum`. */
export const names: ReadonlySet<string> = new Set([...declared, 'c', 'kind'])
const texts = ['', 'a', 'ab', 'abc', 'x', 'yes', 'no', 'é', '"', '\\', '\n', '😀', '12', 'a-b']
const patterns = [
  '^[a-z]+$',
  '^[a-c]{2,4}$',
  'a',
  '^x|y$',
  '[0-9]',
  '^\\d{2,}$',
  '^(foo|bar)*$',
  '^[^"\\\\]*$',
  '\\.',
  '^(?!a)[a-f]+$',
  '^(?=.*\\d)\\w{3,8}$',
  '^\\S+( \\S+)*$',
  '^\\p{Lu}',
  '^$',
]
const formats = [
  'date',
  'time',
  'date-time',
  'duration',
  'uuid',
  'email',
  'ipv4',
  'ipv6',
  'hostname',
  'uri',
  'uri-reference',
  'json-pointer',
  'relative-json-pointer',
]

const count = fc.nat({ max: 4 })
const some = <T>(keyword: string, value: fc.Arbitrary<T>, freq = 4): fc.Arbitrary<object> =>
  fc.oneof(
    { weight: freq, arbitrary: fc.constant({}) },
    { weight: 1, arbitrary: value.map((v) => ({ [keyword]: v })) },
  )
const merged = (...parts: fc.Arbitrary<object>[]): fc.Arbitrary<Record<string, unknown>> =>
  fc.tuple(...parts).map((all) => Object.assign({}, ...all))

const value: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom(...texts),
  fc.constantFrom(0, 1, -3, 2.5, 10, 100),
  fc.constantFrom(null, true, false),
  fc.constantFrom({ a: 1 }, { a: 'x', bb: [] }, [], [1, 'a'], {}),
)
const bound = fc.oneof(
  fc.integer({ min: -20, max: 20 }),
  fc.constantFrom(0.5, -0.25, 1e-7, 1e15, -1e20, -7.125, 123456.789, Number.MAX_SAFE_INTEGER),
  fc.double({ min: -1e6, max: 1e6, noNaN: true }),
)

const stringSchema = merged(
  fc.constant({ type: 'string' }),
  some('minLength', count),
  some(
    'maxLength',
    count.map((n) => n + 2),
  ),
  some('pattern', fc.constantFrom(...patterns), 2),
  some('format', fc.constantFrom(...formats), 3),
)
const numberSchema = merged(
  fc.constantFrom({ type: 'number' }, { type: 'integer' }),
  some('minimum', bound),
  some('maximum', bound),
  some('exclusiveMinimum', bound, 8),
  some('exclusiveMaximum', bound, 8),
  some('multipleOf', fc.constantFrom(1, 2, 3, 7, 10, 0.5, 0.1, 0.25, 1.5, 0.01), 6),
)
const enumSchema = fc.oneof(
  fc.array(value, { minLength: 1, maxLength: 4 }).map((values) => ({ enum: values })),
  value.map((one) => ({ const: one })),
)
const annotations = some('description', fc.constant('what it is'), 6)

export const { schema } = fc.letrec<{
  schema: Schema
  leaf: Schema
  object: Schema
  array: Schema
  combined: Schema
}>((tie) => {
  const below = tie('schema')
  const listOf = (min: number, max: number): fc.Arbitrary<Schema[]> =>
    fc.array(below, { minLength: min, maxLength: max })
  const byName = fc.uniqueArray(fc.tuple(fc.constantFrom(...declared), below), {
    selector: ([name]) => name,
    maxLength: 4,
  })
  return {
    leaf: fc.oneof(
      { weight: 4, arbitrary: merged(stringSchema, annotations) },
      { weight: 4, arbitrary: numberSchema },
      { weight: 2, arbitrary: enumSchema },
      fc.constantFrom<Schema>({ type: 'boolean' }, { type: 'null' }, true, {}, false),
      fc
        .uniqueArray(fc.constantFrom('string', 'integer', 'number', 'boolean', 'null', 'object', 'array'), {
          minLength: 1,
        })
        .map((type) => ({ type })),
      fc.constant<Schema>({ $ref: '#/$defs/shared' }),
      fc
        .tuple(stringSchema, fc.constantFrom(...texts))
        .map(([own, text]) => ({ ...own, not: { const: text } })),
    ),
    object: merged(
      fc.constant({ type: 'object' }),
      byName.map((entries) => ({ properties: Object.fromEntries(entries) })),
      some('required', fc.uniqueArray(fc.constantFrom(...declared), { maxLength: 3 }), 1),
      some('additionalProperties', fc.oneof(fc.constantFrom<Schema>(true, false), below), 1),
      some(
        'patternProperties',
        fc.tuple(fc.constantFrom(...patterns), below).map(([p, s]) => ({ [p]: s })),
        5,
      ),
      some('propertyNames', fc.oneof(stringSchema, fc.constant({ enum: ['a', 'bb', 'c'] })), 8),
      some('minProperties', count, 5),
      some('maxProperties', count, 5),
      some('unevaluatedProperties', fc.constantFrom<Schema>(false, { type: 'null' }), 8),
    ),
    array: merged(
      fc.constant({ type: 'array' }),
      some('items', below, 1),
      some('prefixItems', listOf(1, 3), 3),
      some('minItems', count),
      some('maxItems', count),
      some('uniqueItems', fc.boolean(), 6),
      some('unevaluatedItems', fc.constant(false), 10),
    ),
    combined: fc.oneof(
      listOf(1, 3).map((anyOf) => ({ anyOf })),
      listOf(1, 3).map((oneOf) => ({ oneOf })),
      listOf(1, 2).map((allOf) => ({ allOf })),
      fc.tuple(tie('object'), tie('object')).map(([a, b]) => ({ allOf: [a, b] })),
      fc.tuple(tie('object'), listOf(1, 2)).map(([object, anyOf]) => ({ ...(object as object), anyOf })),
      fc.tuple(tie('object'), tie('object'), tie('object')).map(([a, b, c]) => ({
        oneOf: [a, b, c].map((each, i) => tagged(each as Record<string, unknown>, `case ${i}`)),
      })),
      fc
        .tuple(below, fc.constantFrom('string', 'null', 'object'))
        .map(([own, type]) => (typeof own === 'boolean' ? own : { ...own, not: { type } })),
    ),
    schema: fc.oneof(
      { maxDepth: 4, depthSize: 'small' },
      { weight: 4, arbitrary: tie('leaf') },
      { weight: 3, arbitrary: tie('object') },
      { weight: 2, arbitrary: tie('array') },
      { weight: 2, arbitrary: tie('combined') },
    ),
  }
})

function tagged(schema: Record<string, unknown>, tag: string): Schema {
  const { properties, required } = schema as { properties: object; required?: string[] }
  return {
    ...schema,
    properties: { kind: { const: tag }, ...properties },
    required: ['kind', ...(required ?? [])],
  }
}

/** A complete document; `#/$defs/shared` may refer to itself. */
export const schemaDocument: fc.Arbitrary<Record<string, unknown>> = fc
  .tuple(schema, schema)
  .map(([root, shared]) => ({
    allOf: [root],
    $defs: { shared: { anyOf: [{ type: 'null' }, { type: 'array', items: shared, maxItems: 2 }] } },
  }))

/**
 * Makes explicit everything for which the narrower reading is generated: additional members, tuple length, further items. Removes
 * `uniqueItems`, whose items are generated in list order only.
 */
export function stated(value: unknown, isOpen: () => boolean): unknown {
  if (Array.isArray(value)) return value.map((item) => stated(item, isOpen))
  if (typeof value !== 'object' || value === null) return value
  const { uniqueItems, ...schema } = value as Record<string, unknown>
  const answers: Record<string, unknown> = {}
  if (schema.type === 'object' && !('unevaluatedProperties' in schema))
    answers.additionalProperties = isOpen()
  if ('prefixItems' in schema) answers.minItems = 0
  if ('prefixItems' in schema && !('unevaluatedItems' in schema)) answers.items = isOpen()
  const inner = Object.entries(schema).map(([key, child]) => [
    key,
    ['enum', 'const', 'required', 'not'].includes(key) ? child : stated(child, isOpen),
  ])
  return { ...answers, ...Object.fromEntries(inner) }
}

/**
 * Removes some keywords at any depth (formats stay, because validators differ): more values satisfy it, some of which violate the original.
 */
export function loosened(value: unknown, drops: () => boolean): unknown {
  if (Array.isArray(value)) return value.map((item) => loosened(item, drops))
  if (typeof value !== 'object' || value === null) return value
  const droppable = /^(min|max|exclusive|multipleOf|pattern$|propertyNames|uniqueItems|not$)/
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => !(droppable.test(key) && drops()))
      .map(([key, inner]) => [
        key,
        ['enum', 'const', 'required'].includes(key) ? inner : loosened(inner, drops),
      ]),
  )
}
