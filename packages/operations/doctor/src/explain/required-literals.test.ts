import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { requiredLiterals } from './required-literals.ts'

describe('requiredLiterals', () => {
  it.each([
    [/CUDA out of memory/, ['cuda out of memory']],
    [/^NVRM: Xid \((?<gpu>[^)]+)\): (\d+)/, ['nvrm: xid (']],
    [/(?:OOMKilled|out of memory) now/i, ['oomkilled', 'out of memory']],
    [/x(?:abcdef)?ghij/, ['ghij']],
    [/ab*cdefg/, ['cdefg']],
    [/abcd+efgh/, ['abcd']],
    [/(?=lookahead)wxyz\.uv/, ['wxyz.uv']],
    [/(?<!no )errors? found/, [' found']],
    [/status=\x31 code \u0041lpha/, ['status=']],
    [/(?:oomkilled){2,}/, ['oomkilled']],
  ] as const)('%s', (pattern, literals) => {
    expect(requiredLiterals(pattern)).toEqual(literals)
  })

  it.each([/\d+ \w+/, /(?:abcdef|\d+)/, /(?:abcdef)?/, /[abcdef]+/, /ab/, /(?:abcdef|)/, /Kelvin/iu])(
    'says nothing of %s, which has none',
    (pattern) => {
      expect(requiredLiterals(pattern)).toBeUndefined()
    },
  )

  it('is right: what matches has one of them', () => {
    const atom = fc.constantFrom(
      'a',
      'b',
      'c',
      'ab',
      'bca',
      '.',
      '[ab]',
      '\\w',
      '\\b',
      '^',
      '\\.',
      '(?=a)',
      '(?!b)',
    )
    const repeated = fc
      .tuple(atom, fc.constantFrom('', '', '', '*', '+', '?', '{2}', '{0,1}', '+?'))
      .map(([text, times]) => (/^(?:\w|\[ab\]|\.|\\w|\\\.)$/.test(text) ? text + times : text))
    const plain = fc.array(repeated, { minLength: 1, maxLength: 5 }).map((parts) => parts.join(''))
    const grouped = fc
      .tuple(plain, plain, plain, fc.constantFrom('', '?', '*', '+', '{2}'))
      .map(([before, one, other, times]) => `${before}(?:${one}|(?<n>${other}))${times}`)
    const source = fc.oneof(
      plain,
      grouped,
      fc.tuple(grouped, plain).map(([a, b]) => a + b),
      fc.tuple(grouped, plain).map(([a, b]) => `${a}|${b}`),
    )
    const text = fc
      .array(fc.constantFrom('a', 'b', 'c', 'A', '.', ' '), { maxLength: 20 })
      .map((all) => all.join(''))
    fc.assert(
      fc.property(source, text, fc.boolean(), (from, line, isFolded) => {
        const pattern = new RegExp(from, isFolded ? 'i' : '')
        const literals = requiredLiterals(pattern)
        if (literals === undefined || !pattern.test(line)) return
        expect(literals.some((literal) => line.toLowerCase().includes(literal))).toBe(true)
      }),
      { numRuns: 3000 },
    )
  })
})
