/** Mutates valid bodies: first as values, with and against their schema, then as bytes. Deterministic through `Random`. */

import { oddValue, own, randomText } from './odd-values.ts'
import type { Random } from './random.ts'

export interface FuzzBody {
  readonly bytes: Buffer
  readonly contentType: string | undefined
}

/** JSON Schema of a route's body, with references resolved against `definitions`. */
export interface BodySchema {
  readonly schema: Schema
  readonly definitions: Readonly<Record<string, Schema>>
}

export type Schema = Readonly<Record<string, unknown>>

export function fuzzBody(random: Random, seeds: readonly unknown[], known: BodySchema): FuzzBody {
  let value: unknown = structuredClone(random.pick(seeds))
  if (random.happens(0.02)) value = oddValue(random)
  const changes = random.pick([0, 1, 1, 1, 2, 3, 6])
  for (let change = 0; change < changes; change += 1) value = changed(random, value, known)
  if (isHuge(value)) value = oddValue(random)
  let bytes: Buffer = Buffer.from(json(value))
  if (random.happens(0.25)) bytes = damaged(random, bytes)
  return { bytes, contentType: random.happens(0.04) ? random.pick(contentTypes) : 'application/json' }
}

const contentTypes = [
  undefined,
  '',
  'text/plain',
  'application/json; charset=utf-8',
  'application/json; charset=utf-16',
  'application/x-www-form-urlencoded',
  'multipart/form-data; boundary=x',
  'application/octet-stream',
  'application/jsonp',
  'APPLICATION/JSON',
  ';;;',
]

/** Serialized by hand: `JSON.stringify` overflows on deep values and escapes lone surrogates. */
function json(value: unknown): string {
  try {
    return JSON.stringify(value) ?? 'null'
  } catch {
    return '['.repeat(20_000)
  }
}

/** Larger than any accepted body; nested lists that were multiplied repeatedly would not terminate. */
const maxCharacters = 8_000_000

function isHuge(value: unknown): boolean {
  const waiting = [value]
  let characters = 0
  while (waiting.length > 0) {
    const next = waiting.pop()
    characters += typeof next === 'string' ? next.length : 2
    if (characters > maxCharacters) return true
    if (typeof next === 'object' && next !== null)
      for (const key of Object.keys(next)) {
        characters += key.length
        waiting.push((next as Record<string, unknown>)[key])
      }
  }
  return false
}

/** Replaces values too deep to clone. */
function cloned(value: unknown): unknown {
  try {
    return structuredClone(value)
  } catch {
    return []
  }
}

type Place = { readonly parent: unknown[] | Record<string, unknown>; readonly key: number | string }

function changed(random: Random, value: unknown, known: BodySchema): unknown {
  const places = placesIn(value)
  if (places.length === 0) return random.happens(0.5) ? oddValue(random) : value
  const { parent, key } = random.pick(places)
  const fields = parent as Record<string | number, unknown>
  switch (random.below(8)) {
    case 0:
      fields[key] = oddValue(random)
      break
    case 1:
      if (Array.isArray(parent)) parent.splice(Number(key), 1)
      else delete fields[key]
      break
    case 2: {
      const other = random.pick(places)
      fields[key] = cloned((other.parent as Record<string | number, unknown>)[other.key])
      break
    }
    case 3:
      if (Array.isArray(parent)) parent.push(cloned(parent[Number(key)]))
      else setOwn(parent, randomKey(random), fields[key])
      break
    case 4:
      fields[key] = sibling(random, fields[key])
      break
    // Values that match the schema get further than others.
    default:
      if (isObject(value)) addKnown(random, value, known)
      else fields[key] = oddValue(random)
  }
  return value
}

function setOwn(object: object, key: string, value: unknown): void {
  Object.defineProperty(object, key, { value, enumerable: true, configurable: true, writable: true })
}

const randomKey = (random: Random): string =>
  random.pick(['__proto__', 'constructor', 'toString', 'hasOwnProperty', '', '0', randomText(random, 5)])

/** Another value of the same kind. */
function sibling(random: Random, value: unknown): unknown {
  if (typeof value === 'number')
    return random.pick([value + 1, -value, value * 1e9, value / 3, Math.floor(value)])
  if (typeof value === 'string') {
    const at = random.below(value.length + 1)
    return random.pick([
      value.slice(0, at),
      value + value,
      value.slice(0, at) + randomText(random, 3) + value.slice(at),
      value.toUpperCase(),
    ])
  }
  if (typeof value === 'boolean') return !value
  if (Array.isArray(value))
    return random.happens(0.5) ? [...value].reverse() : Array(random.below(200)).fill(value[0] ?? 0)
  return oddValue(random)
}

function placesIn(value: unknown): Place[] {
  const places: Place[] = []
  const visit = (parent: unknown, depth: number): void => {
    if (typeof parent !== 'object' || parent === null || depth > 20 || places.length > 400) return
    for (const key of Object.keys(parent)) {
      places.push({
        parent: parent as Record<string, unknown>,
        key: Array.isArray(parent) ? Number(key) : key,
      })
      visit((parent as Record<string, unknown>)[key], depth + 1)
    }
  }
  visit(value, 0)
  return places
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Adds a schema field, at the top or one level down, with a value of its type. */
function addKnown(random: Random, value: Record<string, unknown>, known: BodySchema): void {
  const object = oneOf(random, known.schema, known)
  const properties = object.properties as Readonly<Record<string, Schema>> | undefined
  if (properties === undefined) return
  const name = random.pick(Object.keys(properties))
  setOwn(value, name, instance(random, properties[name]!, known, 0))
}

/** A value the schema probably accepts. */
function instance(random: Random, given: Schema | boolean, known: BodySchema, depth: number): unknown {
  if (typeof given === 'boolean' || random.happens(0.05) || depth > 8) return oddValue(random)
  const schema = oneOf(random, given, known)
  if ('const' in schema) return schema.const
  if (Array.isArray(schema.enum)) return random.pick(schema.enum as unknown[])
  const type = Array.isArray(schema.type) ? random.pick(schema.type as string[]) : schema.type
  const { minimum = -2, maximum = 100 } = schema as { minimum?: number; maximum?: number }
  switch (type) {
    case 'boolean':
      return random.happens(0.5)
    case 'null':
      return null
    case 'integer':
      return random.pick([minimum, maximum, Math.floor(Math.max(minimum, 0) + random.below(8))])
    case 'number':
      return random.pick([minimum, maximum, minimum + random.next() * Math.min(10, maximum - minimum)])
    case 'string':
      return random.pick(['a', 'root ::= "a"', '[a-c]+', '{}', 'auto', randomText(random, random.below(12))])
    case 'array':
      return Array.from({ length: random.pick([0, 1, 2, 5]) }, () =>
        instance(random, (schema.items ?? {}) as Schema | boolean, known, depth + 1),
      )
    case 'object':
      return objectInstance(random, schema, known, depth)
    default:
      return jsonSchemaLike(random, depth)
  }
}

function objectInstance(random: Random, schema: Schema, known: BodySchema, depth: number): unknown {
  const properties = (schema.properties ?? {}) as Readonly<Record<string, Schema>>
  const required = (schema.required ?? []) as readonly string[]
  const made: Record<string, unknown> = {}
  for (const [name, property] of Object.entries(properties))
    if (random.happens(required.includes(name) ? 0.95 : 0.25))
      setOwn(made, name, instance(random, property, known, depth + 1))
  return Object.keys(properties).length > 0 ? made : jsonSchemaLike(random, depth)
}

/** Where any JSON is accepted, schemas get furthest. */
function jsonSchemaLike(random: Random, depth: number): unknown {
  const deeper = (): unknown => (depth > 6 ? true : jsonSchemaLike(random, depth + 1))
  return random.pick<() => unknown>([
    () => ({ type: random.pick(['string', 'number', 'integer', 'boolean', 'null', 'array', 'object']) }),
    () => ({ type: 'object', properties: { a: deeper(), b: deeper() }, required: ['a'] }),
    () => ({ type: 'array', items: deeper(), maxItems: random.below(5) }),
    () => ({ anyOf: [deeper(), deeper()] }),
    () => ({ $ref: random.pick(['#', '#/$defs/x', '#/properties/a', 'https://x.example/y', '#/%']) }),
    () => ({ $defs: { x: deeper() }, $ref: '#/$defs/x' }),
    () => ({
      type: 'string',
      pattern: random.pick(['^a+$', '(', '[', '(a|b){2,5}', '\\d{1,9}', '(?=a)', '^(a*)*$']),
    }),
    () => ({
      type: 'string',
      minLength: random.below(9),
      maxLength: random.below(9),
      format: random.pick(['date', 'uuid', 'x']),
    }),
    () => ({ enum: [oddValue(random), 1, 'a'] }),
    () => ({ const: oddValue(random) }),
    () => ({ type: 'integer', minimum: random.below(9) - 4, maximum: random.pick([5, 1e9, 2 ** 60]) }),
    () => own(random.pick(['__proto__', 'not', 'allOf', 'if', 'patternProperties']), deeper()),
    () => oddValue(random),
  ])()
}

/** Resolves references and picks an alternative. */
function oneOf(random: Random, schema: Schema, known: BodySchema): Schema {
  let found = schema
  for (let step = 0; step < 20; step += 1) {
    const reference = found.$ref
    const choices = (found.anyOf ?? found.oneOf) as readonly Schema[] | undefined
    if (typeof reference === 'string') found = known.definitions[reference.split('/').at(-1)!] ?? {}
    else if (choices !== undefined) {
      // `null` is uninteresting.
      const real = choices.filter(({ type }) => type !== 'null')
      found = random.pick(real.length > 0 && random.happens(0.95) ? real : choices)
    } else break
  }
  return found
}

function damaged(random: Random, bytes: Buffer): Buffer {
  const at = random.below(bytes.length + 1)
  const [before, after] = [bytes.subarray(0, at), bytes.subarray(at)]
  const insert = (text: string | Buffer): Buffer =>
    Buffer.concat([before, Buffer.from(text as string), after])
  switch (random.below(9)) {
    case 0:
      return Buffer.from(before)
    case 1: {
      const flipped = Buffer.from(bytes)
      for (let flip = 0; flip <= random.below(4); flip += 1)
        flipped[random.below(flipped.length)] = random.below(256)
      return flipped
    }
    case 2:
      return insert(Buffer.from([random.pick([0x00, 0x80, 0xc0, 0xff, 0xed])]))
    case 3:
      return insert(
        random.pick(['"', '{', '}', '[', ']', ',', ':', '\\', '\\u', '\\ud800', '/**/', 'NaN', '-', '1e999']),
      )
    case 4:
      // Duplicate key.
      return Buffer.from(
        bytes
          .toString()
          .replace(/^\{("[^"]*":)/, (_, key: string) => `{${key}${json(oddValue(random))},${key}`),
      )
    case 5:
      return Buffer.concat([Buffer.from('\ufeff'), bytes])
    case 6:
      return Buffer.concat([bytes, Buffer.from(random.pick([' ', '\n', '\0', '{}', ',', 'x']))])
    case 7:
      return Buffer.from(
        bytes
          .toString()
          .replace(
            /-?\d+(\.\d+)?/,
            random.pick(['1e400', '-1e400', '00', '0x10', '9'.repeat(400), '1.', '-0']),
          ),
      )
    default:
      return Buffer.from(bytes.toString('utf8'), random.pick(['utf16le', 'latin1'] as const))
  }
}
