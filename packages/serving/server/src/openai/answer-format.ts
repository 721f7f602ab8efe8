/** The required response format, from whichever field specifies it. */

import type { AnswerFormat } from '@hadal/chat'
import { excessOf, type FormatFields, type ResponseFormat, type SchemaField } from '@hadal/protocol'
import { invalidField } from '../field-issues.ts'

export type ConstrainedFormat = Exclude<AnswerFormat, { readonly type: 'text' }>

export interface RequestedFormat {
  readonly format: ConstrainedFormat
  /** The field that specified it. */
  readonly param: string
}

/** Undefined for plain text. Throws `invalid_request` if there are several. */
export function requestedFormat(body: FormatFields): RequestedFormat | undefined {
  const [first, second] = [...formatsIn(body)]
  if (second === undefined) return first
  throw invalidField(second.param, `cannot stand beside ${first!.param}`)
}

function* formatsIn(body: FormatFields): Generator<RequestedFormat> {
  const requested = (param: string, format: ConstrainedFormat): RequestedFormat => ({ param, format })
  if (body.response_format !== undefined && body.response_format.type !== 'text')
    yield responseFormat(body.response_format)
  if (body.grammar) yield requested('grammar', { type: 'gbnf', gbnf: body.grammar })
  if (body.json_schema !== undefined) yield requested('json_schema', { type: 'schema', schema: body.json_schema })
  const { json, regex, choice, grammar, json_object: object } = body.structured_outputs ?? {}
  for (const [param, value] of [
    ['guided_json', body.guided_json],
    ['structured_outputs.json', json],
  ] as const)
    if (value !== undefined) yield requested(param, { type: 'schema', schema: schemaFrom(param, value) })
  for (const [param, pattern] of [
    ['guided_regex', body.guided_regex],
    ['structured_outputs.regex', regex],
  ] as const)
    if (pattern) yield requested(param, { type: 'regex', pattern })
  for (const [param, choices] of [
    ['guided_choice', body.guided_choice],
    ['structured_outputs.choice', choice],
  ] as const)
    if (choices !== undefined) yield requested(param, { type: 'gbnf', gbnf: oneOf(choices) })
  for (const [param, gbnf] of [
    ['guided_grammar', body.guided_grammar],
    ['structured_outputs.grammar', grammar],
  ] as const)
    if (gbnf) yield requested(param, { type: 'gbnf', gbnf })
  if (object === true) yield requested('structured_outputs.json_object', { type: 'json' })
}

function responseFormat(given: Exclude<ResponseFormat, { readonly type: 'text' }>): RequestedFormat {
  const param = 'response_format'
  switch (given.type) {
    case 'grammar':
      return { param: `${param}.grammar`, format: { type: 'gbnf', gbnf: given.grammar } }
    case 'regex':
      return { param: `${param}.pattern`, format: { type: 'regex', pattern: given.pattern } }
    case 'json_object':
      if (given.schema === undefined) return { param, format: { type: 'json' } }
      return { param: `${param}.schema`, format: { type: 'schema', schema: given.schema } }
    case 'json_schema': {
      const at = `${param}.${given.json_schema?.schema === undefined && given.schema !== undefined ? '' : 'json_schema.'}schema`
      const schema = given.json_schema?.schema ?? given.schema
      if (schema === undefined) throw invalidField(at, 'is required')
      return { param: at, format: { type: 'schema', schema } }
    }
  }
}

function schemaFrom(param: string, value: string | SchemaField): SchemaField {
  if (typeof value !== 'string') return value
  const schema = parsedJson(value)
  if (typeof schema !== 'boolean' && (typeof schema !== 'object' || schema === null))
    throw invalidField(param, 'must be a JSON Schema, or its text')
  const excess = excessOf(schema)
  if (excess !== undefined) throw invalidField(param, excess)
  return schema as SchemaField
}

/** Undefined for invalid JSON. */
function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** GBNF that matches one of these texts. */
const oneOf = (choices: readonly string[]): string => `root ::= ${choices.map(literal).join(' | ')}`

/** JSON and GBNF escapes are the same, with two exceptions. */
const literal = (text: string): string =>
  JSON.stringify(text).replace(/\\([bf])|\\./g, (sequence, control: string | undefined) =>
    control === undefined ? sequence : control === 'b' ? '\\x08' : '\\x0C',
  )
