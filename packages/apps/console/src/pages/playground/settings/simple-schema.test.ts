import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fieldTypes, rowsOf, type SchemaRow, schemaOf } from './simple-schema.ts'

const row: fc.Arbitrary<SchemaRow> = fc.record({
  // Names of digits would be put in order by any object.
  name: fc.string({ minLength: 1 }).filter((name) => name !== '__proto__' && !/^\d+$/.test(name)),
  type: fc.constantFrom(...fieldTypes),
  description: fc.string(),
  isRequired: fc.boolean(),
})

describe('the form of a schema', () => {
  it('writes what it reads', () => {
    const rows = fc.uniqueArray(row, { selector: ({ name }) => name, maxLength: 8 })
    fc.assert(fc.property(rows, (given) => void expect(rowsOf(schemaOf(given))).toEqual(given)))
  })

  it('is empty where there is nothing yet', () => {
    expect(rowsOf(' ')).toEqual([])
  })

  it.each([
    '{',
    '[]',
    'true',
    '{"type":"object"}',
    '{"type":"object","properties":{"a":{"type":"string","pattern":"x"}}}',
    '{"type":"object","properties":{"a":{"type":"object","properties":{}}}}',
    '{"type":"object","properties":{"a":{"type":"array"}}}',
    '{"type":"object","properties":{},"minProperties":1}',
    '{"type":"object","properties":{},"additionalProperties":true}',
  ])('gives way where it could not show all: %s', (text) => {
    expect(rowsOf(text)).toBeUndefined()
  })
})
