import { describe, expect, it } from 'vitest'
import { checkSchema } from './check-schema.ts'

const schema = {
  type: 'object',
  properties: {
    name: { type: 'string', minLength: 1, pattern: '^[A-Z]' },
    age: { type: 'integer', minimum: 0, exclusiveMaximum: 150 },
    tags: { type: 'array', items: { $ref: '#/$defs/tag' }, maxItems: 2, uniqueItems: true },
    kind: { enum: ['a', { b: 1 }] },
    either: { anyOf: [{ type: 'null' }, { const: 3 }] },
    'a/b': { type: ['boolean', 'null'] },
  },
  required: ['name'],
  additionalProperties: false,
  $defs: { tag: { type: 'string', maxLength: 3 } },
}
const reported = (value: unknown): string[] =>
  checkSchema(value, schema).map(({ at, keyword }) => `${at} ${keyword}`)

describe('a value and its schema', () => {
  it('match', () => {
    const value = { name: 'Ada', age: 36, tags: ['x'], kind: { b: 1 }, either: null, 'a/b': true }
    expect(reported(value)).toEqual([])
    expect(checkSchema('anything', true)).toEqual([])
  })

  it.each([
    ['text', [' type']],
    [{}, ['/name required']],
    [{ name: '' }, ['/name minLength', '/name pattern']],
    [{ name: 'A', age: 1.5 }, ['/age type']],
    [{ name: 'A', age: 150 }, ['/age exclusiveMaximum']],
    [{ name: 'A', age: -1 }, ['/age minimum']],
    [{ name: 'A', tags: ['x', 'x', 'long'] }, ['/tags maxItems', '/tags uniqueItems', '/tags/2 maxLength']],
    [{ name: 'A', kind: { b: 2 } }, ['/kind enum']],
    [{ name: 'A', either: 4 }, ['/either anyOf']],
    [{ name: 'A', 'a/b': 1 }, ['/a~1b type']],
    [{ name: 'A', more: 1 }, ['/more additionalProperties']],
  ])('%j does not', (value, expected) => {
    expect(reported(value)).toEqual(expected)
  })

  it('terminates on cyclic schemas, and limits the number of errors', () => {
    expect(checkSchema(1, { $ref: '#' })).toEqual([])
    expect(checkSchema(Array(1000).fill(1), { items: { type: 'string' } })).toHaveLength(20)
  })

  it('ends whatever the schema: one that refers to itself twice, a pattern that repeats what repeats', () => {
    const twice = { anyOf: [{ $ref: '#' }, { $ref: '#' }], not: { $ref: '#' } }
    expect(checkSchema({ a: [1, 2] }, twice).length).toBeLessThanOrEqual(20)
    for (const pattern of ['^(a+)+$', '^((a|b)*c?)*$', '^(a{1,9}){1,99}$'])
      expect(checkSchema(`${'a'.repeat(900)}!`, { type: 'string', pattern })).toEqual([])
    expect(checkSchema('x', { pattern: '^(ab)+$' })).toHaveLength(1)
  })
})
