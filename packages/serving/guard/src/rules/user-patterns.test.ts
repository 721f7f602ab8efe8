import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { cpuMillis } from '../../../../kernel/base/test/cpu-millis.ts'
import { runs } from '../../../../kernel/base/test/slow-tests.ts'
import { patternDetectors, type UserPattern } from './user-patterns.ts'

const find = (pattern: Omit<UserPattern, 'name'>, text: string) =>
  [...patternDetectors([{ name: 'p', ...pattern }])[0]!.find(text, 0)].map(({ start, end }) =>
    text.slice(start, end),
  )
const compile = (pattern: string) => () => patternDetectors([{ name: 'mine', pattern }])

describe('a user’s pattern', () => {
  it('is found wherever it is', () => {
    expect(find({ pattern: 'ab+' }, 'abb ab xabbb')).toEqual(['abb', 'ab', 'abbb'])
    expect(find({ pattern: '项目[甲乙]' }, '😀项目甲和项目乙')).toEqual(['项目甲', '项目乙'])
    expect(find({ pattern: 'acme' }, 'ACME')).toEqual([])
    expect(find({ pattern: 'acme', ignoreCase: true }, 'ACME')).toEqual(['ACME'])
    expect(find({ pattern: '(?i)\\bacme\\b' }, 'Acmes ACME')).toEqual(['ACME'])
  })

  it('finds what V8 finds', () => {
    const pattern = fc.constantFrom('a|ab', 'a+b?', '(?:ab)+', '[^a]b', '\\bab', 'a.{1,3}b', 'b$', '^a')
    fc.assert(
      fc.property(pattern, fc.string({ unit: fc.constantFrom('a', 'b', ' ', '😀') }), (source, text) => {
        const expected = Array.from(text.matchAll(new RegExp(source, 'gu')), ([found]) => found)
        expect(find({ pattern: source }, text)).toEqual(expected)
      }),
    )
  })

  it('is found in long texts, across the windows they are read in', () => {
    const text = Array.from({ length: 4000 }, (_, at) => `${at}${'x'.repeat(at % 37)}`).join(' ')
    expect(find({ pattern: '\\b\\d+x{0,40}\\b' }, text)).toEqual(text.match(/\b\d+x{0,40}\b/g))
    expect(find({ pattern: '^0|x$|(?m)^0' }, `${text}x`)).toEqual(['0', 'x'])
    const long = `${'-'.repeat(8000)}<${'a'.repeat(200)}>${'-'.repeat(9000)}<b>`
    expect(find({ pattern: '<[^>]*>' }, long)).toEqual([`<${'a'.repeat(200)}>`, '<b>'])
  })

  it.each([0, -1, 1.5, Number.NaN, 1e9])('does not reach %d', (reach) => {
    expect(() => patternDetectors([{ name: 'mine', pattern: 'a', reach }])).toThrow(
      expect.objectContaining({
        code: 'guard_pattern_invalid',
        help: 'Let it be a whole number from 1 to 65536.',
      }),
    )
  })

  it('takes linear time where every search looks at all the rest', () => {
    const spent = (length: number): number => {
      const text = `z${'a'.repeat(length)}`
      return cpuMillis(() => find({ pattern: '[^z]*z|a', reach: 32 }, text))
    }
    spent(1000)
    const median = (length: number): number => [1, 2, 3].map(() => spent(length)).sort((a, b) => a - b)[1]!
    // Quadratic time would give 256.
    expect(median(32_000) / median(2000)).toBeLessThan(96)
  })

  it.each([
    ['(?=secret)', 'a lookahead at character 1', 'match what follows'],
    ['foo(?!bar)', 'a lookahead at character 4', 'match what follows'],
    ['(?<=a)b', 'a lookbehind at character 1', 'match what stands before'],
    ['(a)\\1', 'a backreference at character 4', 'write the alternatives out'],
    ['(?<x>a)\\k<x>', 'a backreference at character 8', 'write the alternatives out'],
    ['(?>a+)b', 'an atomic group at character 1', 'write (?: )'],
    ['a++b', 'a possessive quantifier at character 2', 'leave the second + out'],
    ['(a', 'missing closing )', 'Syntax'],
    ['a[b', 'missing closing ]: `[b` at character 2', 'Syntax'],
    ['a**', 'at character 2', 'Syntax'],
    ['x\\', 'trailing backslash', 'Syntax'],
    ['a{1001}', 'invalid repeat count: `{1001}` at character 2', 'Syntax'],
    ['a{900}b{900}c{900}', 'its counts come to 2700', 'at most 2000'],
    ['(?:(?:ab?c?d?e?f?){31}){31}', 'instructions', 'Counts within counts'],
    ['a*', 'matches the empty text', '+ instead of *'],
    ['', 'matches the empty text', '+ instead of *'],
    ['a'.repeat(5000), 'it has 5000 characters', 'at most 4000'],
  ])('is refused with its name and what to write instead: %s', (pattern, why, help) => {
    expect(compile(pattern)).toThrow(
      expect.objectContaining({
        code: 'guard_pattern_invalid',
        message: expect.stringMatching(/^cannot use the pattern "mine" /),
        help: expect.stringContaining(help),
      }),
    )
    expect(compile(pattern)).toThrow(why)
  })

  it.each(['\\(?=x', '[(?=]x', 'a\\\\1', '\\+\\+', '[a++]'])(
    'may have escaped what is no syntax: %s',
    (pattern) => {
      expect(compile(pattern)).not.toThrow()
    },
  )

  it('is compiled or refused, whatever it is', () => {
    const unit = fc.constantFrom(...'ab()[]{}?*+|\\^$.,1:=!<>P-\ud800é')
    fc.assert(
      fc.property(fc.string({ unit, maxLength: 30 }), fc.string({ unit, maxLength: 30 }), (pattern, text) => {
        try {
          find({ pattern }, text)
        } catch (error) {
          expect(error).toMatchObject({ code: 'guard_pattern_invalid' })
        }
      }),
      { numRuns: runs(600, 2000) },
    )
  })
})
