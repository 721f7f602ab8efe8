import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { matchesPattern } from './matches-pattern.ts'

describe('a pattern of names', () => {
  it.each([
    ['nano', 'nano', true],
    ['nano', 'nano2', false],
    ['*', '', true],
    ['qwen*', 'qwen3', true],
    ['*instruct', 'qwen-instruct', true],
    ['a*b*c', 'a-b-b-c', true],
    ['a*b*c', 'acb', false],
    ['ab*ba', 'aba', false],
    ['a*a', 'a', false],
    ['**', 'x', true],
    ['a.c', 'abc', false],
  ])('%s and %s: %s', (pattern, name, fits) => expect(matchesPattern(pattern, name)).toBe(fits))

  it('means what the regular expression means', () => {
    const few = fc.string({ unit: fc.constantFrom('a', 'b', '*'), maxLength: 8 })
    fc.assert(
      fc.property(few, fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 10 }), (pattern, name) => {
        const expression = new RegExp(`^${pattern.replaceAll(/\*+/g, '.*')}$`)
        expect(matchesPattern(pattern, name)).toBe(expression.test(name))
      }),
      { numRuns: 1000 },
    )
  })
})
