import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createLiteralScan } from './literal-scan.ts'

const found = (literals: readonly string[], text: string): ReadonlySet<number> => {
  const all = new Set<number>()
  createLiteralScan(literals).scan(text, (index) => all.add(index))
  return all
}

describe('createLiteralScan', () => {
  it('finds literals in one another, whatever their case', () => {
    expect([...found(['out of memory', 'memory', 'mem', 'oom'], 'CUDA OUT OF Memory')].sort()).toEqual([
      0, 1, 2,
    ])
  })

  it('finds what includes() finds', () => {
    const word = fc
      .array(fc.constantFrom('a', 'b', ' '), { minLength: 1, maxLength: 5 })
      .map((all) => all.join(''))
    const text = fc
      .array(fc.constantFrom('a', 'b', 'B', ' ', 'é', '\u{1f600}'), { maxLength: 40 })
      .map((all) => all.join(''))
    fc.assert(
      fc.property(fc.uniqueArray(word, { minLength: 1, maxLength: 8 }), text, (literals, line) => {
        const wanted = literals.flatMap((literal, index) =>
          line.toLowerCase().includes(literal) ? [index] : [],
        )
        expect([...found(literals, line)].sort((a, b) => a - b)).toEqual(wanted)
      }),
      { numRuns: 2000 },
    )
  })

  it('finds nothing where there is nothing to find', () => {
    expect(found([], 'any text')).toEqual(new Set())
  })
})
