/**
 * Validates values against the JSON Schema keywords that responses are constrained to (types, fields, items, enums, bounds, lengths,
 * patterns, combinations, local references). Unknown keywords are ignored. Pure; https://json-schema.org/draft/2020-12.
 */

export interface SchemaMismatch {
  /** A JSON pointer into the value; empty for the whole. */
  readonly at: string
  /** The keyword that it breaks. */
  readonly keyword: string
}

type Schema = Readonly<Record<string, unknown>>

/** The first twenty. */
export function checkSchema(value: unknown, schema: unknown): readonly SchemaMismatch[] {
  const found: SchemaMismatch[] = []
  check(value, schema, '', { root: schema, found, depth: 0, work: { left: maxSteps } })
  return found
}

/** Limit per check: a schema with several recursive references would never finish. */
const maxSteps = 50_000

interface Checking {
  readonly root: unknown
  readonly found: SchemaMismatch[]
  readonly depth: number
  readonly work: { left: number }
}

function check(value: unknown, schema: unknown, at: string, from: Checking): void {
  if (from.found.length >= 20 || from.depth > 100 || from.work.left-- <= 0) return
  const report = (keyword: string): void => void from.found.push({ at, keyword })
  if (schema === false) return void report('false')
  if (!isRecord(schema)) return
  const { root, work } = from
  const inner: Checking = { ...from, depth: from.depth + 1 }
  const fits = (other: unknown): boolean => {
    const found: SchemaMismatch[] = []
    check(value, other, at, { root, found, depth: inner.depth, work })
    return found.length === 0
  }
  if (typeof schema.$ref === 'string') check(value, resolved(schema.$ref, root), at, inner)
  const types = [schema.type].flat().filter((type) => typeof type === 'string')
  if (types.length > 0 && !types.some((type) => hasType(value, type))) return void report('type')
  if (Array.isArray(schema.enum) && !schema.enum.some((each) => isSame(each, value))) report('enum')
  if ('const' in schema && !isSame(schema.const, value)) report('const')
  for (const each of listOf(schema.allOf)) check(value, each, at, inner)
  if (Array.isArray(schema.anyOf) && !schema.anyOf.some(fits)) report('anyOf')
  if (Array.isArray(schema.oneOf) && schema.oneOf.filter(fits).length !== 1) report('oneOf')
  if (schema.not !== undefined && fits(schema.not)) report('not')
  if (typeof value === 'number') checkNumber(value, schema, report)
  else if (typeof value === 'string') checkText(value, schema, report)
  else if (Array.isArray(value)) checkList(value, schema, at, inner, report)
  else if (isRecord(value)) checkObject(value, schema, at, inner, report)
}

type Report = (keyword: string) => void

function checkNumber(value: number, schema: Schema, report: Report): void {
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf } = schema
  if (typeof minimum === 'number' && value < minimum) report('minimum')
  if (typeof maximum === 'number' && value > maximum) report('maximum')
  if (typeof exclusiveMinimum === 'number' && value <= exclusiveMinimum) report('exclusiveMinimum')
  if (typeof exclusiveMaximum === 'number' && value >= exclusiveMaximum) report('exclusiveMaximum')
  if (typeof multipleOf === 'number' && Math.abs(value / multipleOf - Math.round(value / multipleOf)) > 1e-9)
    report('multipleOf')
}

function checkText(value: string, { minLength, maxLength, pattern }: Schema, report: Report): void {
  const length = [...value].length
  if (typeof minLength === 'number' && length < minLength) report('minLength')
  if (typeof maxLength === 'number' && length > maxLength) report('maxLength')
  // Nor is any tried on more than a line or two.
  if (typeof pattern === 'string' && value.length <= 1000 && matcherOf(pattern)?.test(value) === false)
    report('pattern')
}

function checkList(
  value: readonly unknown[],
  schema: Schema,
  at: string,
  from: Checking,
  report: Report,
): void {
  const { minItems, maxItems, uniqueItems, items } = schema
  const first = listOf(schema.prefixItems)
  if (typeof minItems === 'number' && value.length < minItems) report('minItems')
  if (typeof maxItems === 'number' && value.length > maxItems) report('maxItems')
  if (uniqueItems === true && new Set(value.map((each) => JSON.stringify(each))).size < value.length)
    report('uniqueItems')
  value.forEach((each, index) => {
    check(each, index < first.length ? first[index] : items, `${at}/${index}`, from)
  })
}

function checkObject(value: Schema, schema: Schema, at: string, from: Checking, report: Report): void {
  const properties = isRecord(schema.properties) ? schema.properties : {}
  for (const name of listOf(schema.required))
    if (typeof name === 'string' && !Object.hasOwn(value, name))
      from.found.push({ at: `${at}/${pointer(name)}`, keyword: 'required' })
  const count = Object.keys(value).length
  if (typeof schema.minProperties === 'number' && count < schema.minProperties) report('minProperties')
  if (typeof schema.maxProperties === 'number' && count > schema.maxProperties) report('maxProperties')
  for (const [name, each] of Object.entries(value)) {
    const place = `${at}/${pointer(name)}`
    if (Object.hasOwn(properties, name)) check(each, properties[name], place, from)
    else if (schema.additionalProperties === false)
      from.found.push({ at: place, keyword: 'additionalProperties' })
    else check(each, schema.additionalProperties, place, from)
  }
}

function hasType(value: unknown, type: string): boolean {
  switch (type) {
    case 'null':
      return value === null
    case 'array':
      return Array.isArray(value)
    case 'object':
      return isRecord(value)
    case 'integer':
      return Number.isInteger(value)
    default:
      return typeof value === type
  }
}

function resolved(reference: string, root: unknown): unknown {
  if (!reference.startsWith('#')) return undefined
  let at = root
  for (const part of reference.slice(1).split('/').filter(Boolean)) {
    const name = part.replaceAll('~1', '/').replaceAll('~0', '~')
    at = isRecord(at) && Object.hasOwn(at, name) ? at[name] : undefined
  }
  return at
}

/** Undefined also of a pattern that repeats what repeats: `(a+)+` may take for ever. */
function matcherOf(pattern: string): RegExp | undefined {
  if (/[*+}][^()]*\)+[*+{]/.test(pattern)) return undefined
  try {
    return new RegExp(pattern, 'u')
  } catch {
    return undefined
  }
}

const pointer = (name: string): string => name.replaceAll('~', '~0').replaceAll('/', '~1')
const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])
const isRecord = (value: unknown): value is Schema =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

function isSame(a: unknown, b: unknown): boolean {
  if (Object.is(a, b) || a === b) return true
  if (Array.isArray(a) && Array.isArray(b))
    return a.length === b.length && a.every((each, index) => isSame(each, b[index]))
  if (!isRecord(a) || !isRecord(b)) return false
  const names = Object.keys(a)
  return (
    names.length === Object.keys(b).length &&
    names.every((name) => Object.hasOwn(b, name) && isSame(a[name], b[name]))
  )
}
