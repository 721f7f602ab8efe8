/** Semantics of each keyword, and rejection of unenforceable ones with their location. */

import { HadalError } from '@hadal/base'
import { jsonObjectGbnf, jsonSchemaToGbnf } from '@hadal/grammar'
import { describe, expect, it } from 'vitest'
import { readGbnf } from './gbnf-reader.ts'
import { isText } from './sample-gbnf.ts'

type Schema = Readonly<Record<string, unknown>>

function takes(schema: Schema | boolean, text: string): boolean {
  return isText(readGbnf(jsonSchemaToGbnf(schema)), text)
}

function refusal(schema: unknown): HadalError {
  try {
    jsonSchemaToGbnf(schema as Schema)
  } catch (thrown) {
    if (thrown instanceof HadalError) return thrown
    throw thrown
  }
  throw new Error('it was not refused')
}

const abc = {
  type: 'object',
  properties: { a: { type: 'integer' }, b: { type: 'integer' }, c: { type: 'integer' } },
}

describe('objects', () => {
  it.each<[Schema, string, boolean]>([
    [abc, '{"a":1,"b":2,"c":3}', true],
    [abc, '{"a":1,"c":3}', true],
    [abc, '{}', true],
    [abc, '{"b":2,"a":1}', false],
    [abc, '{"d":1}', false],
    [{ ...abc, required: ['b'] }, '{"b":2}', true],
    [{ ...abc, required: ['b'] }, '{"a":1,"c":3}', false],
    [{ ...abc, additionalProperties: { type: 'boolean' } }, '{"b":2,"d":true,"e":false}', true],
    [{ ...abc, additionalProperties: { type: 'boolean' } }, '{"b":2,"a":true}', false],
    [{ ...abc, minProperties: 2 }, '{"a":1}', false],
    [{ ...abc, maxProperties: 2 }, '{"a":1,"b":2,"c":3}', false],
    [{ ...abc, maxProperties: 2 }, '{"b":2,"c":3}', true],
    [{ type: 'object', patternProperties: { '^x-': { type: 'null' } } }, '{"x-1":null}', true],
    [{ type: 'object', patternProperties: { '^x-': { type: 'null' } } }, '{"y":null}', false],
    [{ type: 'object', propertyNames: { enum: ['k'] }, additionalProperties: true }, '{"k":[1]}', true],
    [{ type: 'object', propertyNames: { enum: ['k'] }, additionalProperties: true }, '{"l":[1]}', false],
    // A declared name cannot be repeated through another spelling.
    [{ ...abc, additionalProperties: true }, '{"\\u0061":"x"}', false],
  ])('%j and %s: %s', (schema, text, expected) => {
    expect(takes(schema, text)).toBe(expected)
  })

  it('keep the order in which several schemas declare', () => {
    const schema = {
      allOf: [
        { ...abc, required: ['a'] },
        { properties: { d: { const: 1 } }, required: ['d'] },
      ],
    }
    expect(takes(schema, '{"a":1,"d":1}')).toBe(true)
    expect(takes(schema, '{"d":1,"a":1}')).toBe(false)
  })
})

describe('arrays', () => {
  const tuple = { type: 'array', prefixItems: [{ type: 'null' }, { type: 'boolean' }] }
  it.each<[Schema, string, boolean]>([
    [tuple, '[null,true]', true],
    [tuple, '[null]', false],
    [{ ...tuple, minItems: 1 }, '[null]', true],
    [{ ...tuple, items: { type: 'integer' } }, '[null,true,1,2]', true],
    [{ type: 'array', items: [{ type: 'null' }], additionalItems: { type: 'integer' } }, '[null,1]', true],
    [{ items: { type: 'integer' }, minItems: 2, maxItems: 3 }, '[1]', false],
    [{ items: { type: 'integer' }, minItems: 2, maxItems: 3 }, '[1, 2, 3]', true],
    [{ items: { enum: ['a', 'b', 'c'] }, uniqueItems: true }, '["a","c"]', true],
    [{ items: { enum: ['a', 'b', 'c'] }, uniqueItems: true }, '["a","a"]', false],
  ])('%j and %s: %s', (schema, text, expected) => {
    expect(takes(schema, text)).toBe(expected)
  })
})

describe('strings', () => {
  it.each<[Schema, string, boolean]>([
    [{ type: 'string', minLength: 2, maxLength: 2 }, '"\u{1F600}\\ud83d\\ude00"', true],
    [{ type: 'string', pattern: 'b' }, '"abc"', true],
    [{ type: 'string', pattern: '^b' }, '"abc"', false],
    [{ type: 'string', pattern: '^\\s$' }, '"\\n"', true],
    [{ type: 'string', pattern: '^[a-f]+x[^x]*y$', maxLength: 9000 }, '"abxzy"', true],
    [{ type: 'string', format: 'date' }, '"2024-02-29"', true],
    [{ type: 'string', format: 'date' }, '"2023-02-29"', false],
    [{ type: 'string', format: 'uri', minLength: 1, maxLength: 2083 }, '"https://example.org/a?b=c#d"', true],
    [{ type: 'string', not: { enum: ['no', 'never'] } }, '"nor"', true],
    [{ type: 'string', not: { enum: ['no', 'never'] } }, '"no"', false],
    [{ enum: ['abc', 'b', 1, null], type: 'string', maxLength: 1 }, '"b"', true],
    [{ enum: ['abc', 'b', 1, null], type: 'string', maxLength: 1 }, '"abc"', false],
  ])('%j and %s: %s', (schema, text, expected) => {
    expect(takes(schema, text)).toBe(expected)
  })
})

describe('numbers', () => {
  it.each<[Schema, string, boolean]>([
    // Multiples are decimal, regardless of rounding in double division.
    [{ type: 'number', multipleOf: 0.01 }, '-9997819.54', true],
    [{ type: 'number', multipleOf: 0.01 }, '-9997819.545', false],
    [{ type: 'number', multipleOf: 0.1 }, '0.3', true],
  ])('%j and %s: %s', (schema, text, expected) => {
    expect(takes(schema, text)).toBe(expected)
  })
})

describe('references', () => {
  it.each<[Schema, string]>([
    [{ $ref: '#/$defs/a', $defs: { a: { const: 1 } } }, '1'],
    [{ $ref: '#/definitions/a~1b', definitions: { 'a/b': { const: 1 } } }, '1'],
    [{ $ref: '#here', $defs: { a: { $anchor: 'here', const: 1 } } }, '1'],
    [{ $id: 'https://example.org/s', $ref: 'other', $defs: { a: { $id: 'other', const: 1 } } }, '1'],
    [{ type: 'array', items: { $ref: '#' } }, '[[],[[]]]'],
    [{ $ref: '#/$defs/a', minimum: 2, $defs: { a: { type: 'integer' } } }, '2'],
  ])('%j takes %s', (schema, text) => {
    expect(takes(schema, text)).toBe(true)
  })

  it('go on and on through a list, and end', () => {
    const node = {
      type: 'object',
      properties: { next: { anyOf: [{ $ref: '#/$defs/node' }, { type: 'null' }] } },
      required: ['next'],
    }
    expect(takes({ $ref: '#/$defs/node', $defs: { node } }, '{"next":{"next":{"next":null}}}')).toBe(true)
  })
})

describe('refusals', () => {
  it.each<[unknown, string, string]>([
    [{ properties: { a: { contains: { const: 1 } } } }, 'schema_unsupported', '/properties/a/contains'],
    [{ properties: { 'x/y': { minimun: 1 } } }, 'schema_unsupported', '/properties/x~1y/minimun'],
    [{ type: 'array', items: { type: 'string' }, uniqueItems: true }, 'schema_unsupported', '/uniqueItems'],
    [{ if: { const: 1 }, else: { const: 1 } }, 'schema_unsupported', '/if'],
    [{ not: { minLength: 2 } }, 'schema_unsupported', '/not'],
    [{ type: 'integer', not: { const: 1 } }, 'schema_unsupported', 'without numbers'],
    [{ dependentRequired: { a: ['b'] } }, 'schema_unsupported', '/dependentRequired'],
    [{ type: 'string', format: 'jwt' }, 'schema_unsupported', '/format'],
    [{ type: 'string', pattern: '(a)\\1' }, 'schema_unsupported', '/pattern'],
    [{ type: 'number', multipleOf: 0.123456 }, 'schema_unsupported', '/multipleOf'],
    [{ oneOf: [{ type: 'integer' }, { type: 'number' }] }, 'schema_unsupported', '/oneOf'],
    [{ $ref: 'https://example.org/elsewhere' }, 'schema_unsupported', '/$ref'],
    [{ type: 'object', minProperties: 2 }, 'schema_unsupported', '/minProperties'],
    [{ type: 'text' }, 'schema_invalid', '/type'],
    [{ properties: { a: 1 } }, 'schema_invalid', '/properties/a'],
    [{ type: 'string', pattern: '(' }, 'schema_invalid', '/pattern'],
    [{ $ref: '#/$defs/none' }, 'schema_invalid', '/$ref'],
    [{ $ref: '#' }, 'schema_invalid', 'without end'],
    [{ allOf: [{ type: 'string' }, { type: 'null' }] }, 'schema_invalid', 'no value'],
    [{ minLength: -1 }, 'schema_invalid', '/minLength'],
    [
      { $ref: '#/$defs/a', $defs: { a: { properties: { a: { $ref: '#/$defs/a' } }, required: ['a'] } } },
      'schema_invalid',
      'no value',
    ],
    [{ type: 'string', pattern: '^(?=.*x)[a-f]+x$', maxLength: 9000 }, 'schema_too_large', 'at its root'],
    [{ maxLength: 1e9, type: 'string' }, 'schema_too_large', 'too large'],
    [
      {
        allOf: Array.from({ length: 12 }, () => ({
          anyOf: [{ minimum: 1 }, { minimum: 2 }, { minimum: 3 }],
        })),
      },
      'schema_too_large',
      'combinations',
    ],
  ])('%j', (schema, code, place) => {
    const error = refusal(schema)
    expect(error.code).toBe(code)
    expect(error.message).toContain(place)
  })

  it('a schema that is nested too deep', () => {
    expect(refusal(nested(5000)).message).toContain('nested deeper')
  })

  it('takes what says nothing about values', () => {
    const schema = {
      type: 'null',
      title: 't',
      default: null,
      examples: [null],
      $comment: 'c',
      deprecated: true,
      'x-order': 1,
    }
    expect(takes(schema, 'null')).toBe(true)
  })

  it('takes properties that are called like keywords', () => {
    const schema = {
      type: 'object',
      properties: { $ref: { const: 1 }, enum: { const: 2 }, if: { const: 3 } },
    }
    expect(takes(schema, '{"$ref":1,"enum":2,"if":3}')).toBe(true)
  })
})

describe('a grammar', () => {
  it('of any object takes objects alone', () => {
    const grammar = readGbnf(jsonObjectGbnf)
    expect(isText(grammar, '{"a": [1, {"b": "\\u00e9"}],\n  "c": -1.5e3}')).toBe(true)
    expect(isText(grammar, '[]')).toBe(false)
  })

  it('without spaces has none', () => {
    const compact = readGbnf(jsonSchemaToGbnf({ type: 'array', items: { const: 1 } }, { spaces: 'compact' }))
    expect(isText(compact, '[1,1]')).toBe(true)
    expect(isText(compact, '[1, 1]')).toBe(false)
  })

  it('of 500 optional properties stays small', () => {
    const properties = Object.fromEntries(
      Array.from({ length: 500 }, (_, i) => [`p${i}`, { type: 'boolean' }]),
    )
    const gbnf = jsonSchemaToGbnf({ type: 'object', properties })
    expect(gbnf.length).toBeLessThan(400_000)
    expect(isText(readGbnf(gbnf), '{"p3":true,"p77":false,"p499":true}')).toBe(true)
  })
})

function nested(depth: number): unknown {
  let schema: unknown = { type: 'null' }
  for (let i = 0; i < depth; i++) schema = { type: 'array', items: schema }
  return schema
}
