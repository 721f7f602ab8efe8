/** Regular expressions compared with JavaScript's, and arbitrary texts as patterns. */

import { HadalError } from '@hadal/base'
import { jsonSchemaToGbnf, regexToGbnf } from '@hadal/grammar'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { runs } from '../../../kernel/base/test/slow-tests.ts'
import { readGbnf } from './gbnf-reader.ts'
import { isText, Sampler, seededRandom } from './sample-gbnf.ts'

const numRuns = Number(process.env.HADAL_GRAMMAR_RUNS ?? runs(80, 300))

/** JavaScript backtracks: nested repetitions take exponential time on long texts. */
const longest = 12

const atom = fc.constantFrom(
  'a',
  'b',
  'c',
  '1',
  '.',
  '\\d',
  '\\w',
  '\\s',
  '[ab]',
  '[^a]',
  '[a-c1-3]',
  '\\.',
  'é',
  '\\u0061',
  '\\p{Lu}',
  '\\x41',
)
const quantifier = fc.constantFrom('', '', '', '*', '+', '?', '{2}', '{1,3}', '{2,}', '*?', '+?')
const { pattern } = fc.letrec<{ pattern: string; part: string }>((tie) => ({
  part: fc.oneof(
    { maxDepth: 3, depthSize: 'small' },
    { weight: 4, arbitrary: fc.tuple(atom, quantifier).map(([a, q]) => a + q) },
    fc.tuple(tie('pattern'), quantifier).map(([p, q]) => `(${p})${q}`),
    fc.tuple(tie('pattern'), quantifier).map(([p, q]) => `(?:${p})${q}`),
    fc.tuple(fc.constantFrom('(?=', '(?!'), tie('pattern')).map(([open, p]) => `${open}${p})`),
    fc.constantFrom('^', '$'),
  ),
  pattern: fc.oneof(
    { weight: 3, arbitrary: fc.array(tie('part'), { maxLength: 3 }).map((parts) => parts.join('')) },
    fc.tuple(tie('part'), tie('part')).map(([a, b]) => `${a}|${b}`),
  ),
}))
const anchored = fc
  .tuple(pattern, fc.constantFrom('', '^'), fc.constantFrom('', '$'))
  .map(([p, start, end]) => start + p + end)
const text = fc.string({ unit: fc.constantFrom('a', 'b', 'c', '1', 'A', ' ', 'é', '.', '\n'), maxLength: 5 })

/** Undefined if rejected or unsatisfiable. */
function accepted<T>(build: () => T): T | undefined {
  try {
    return build()
  } catch (thrown) {
    if (thrown instanceof HadalError && /^(regex|schema)_/.test(thrown.code)) return undefined
    throw thrown
  }
}

describe('a regular expression and its grammar', () => {
  it('take the same whole texts', () => {
    let built = 0
    fc.assert(
      fc.property(
        anchored,
        fc.array(text, { minLength: 4, maxLength: 8 }),
        fc.nat(),
        (source, texts, seed) => {
          const gbnf = accepted(() => regexToGbnf(source))
          if (gbnf === undefined) return
          built += 1
          const whole = new RegExp(`^(?:${source})$`, 'u')
          const grammar = readGbnf(gbnf)
          for (const each of texts) expect(isText(grammar, each), JSON.stringify(each)).toBe(whole.test(each))
          const sampler = new Sampler(grammar)
          const random = seededRandom(seed)
          const samples = Array.from({ length: 8 }, () => sampler.sample(random, 6))
          for (const each of samples.filter(({ length }) => length <= longest))
            expect(whole.test(each), JSON.stringify(each)).toBe(true)
        },
      ),
      { numRuns },
    )
    expect(built).toBeGreaterThan(numRuns / 3)
  })

  it('take the same strings as a pattern, which may stand anywhere in them', () => {
    let built = 0
    fc.assert(
      fc.property(anchored, fc.array(text, { minLength: 4, maxLength: 8 }), (source, texts) => {
        const gbnf = accepted(() => jsonSchemaToGbnf({ type: 'string', pattern: source }))
        if (gbnf === undefined) return
        built += 1
        const anywhere = new RegExp(source, 'u')
        const grammar = readGbnf(gbnf)
        for (const each of texts)
          expect(isText(grammar, JSON.stringify(each)), each).toBe(anywhere.test(each))
      }),
      { numRuns },
    )
    expect(built).toBeGreaterThan(numRuns / 3)
  })

  it('compile or are refused, whatever the text is, as JavaScript refuses it', () => {
    const wild = fc.string({ unit: fc.constantFrom(...'ab1()[]{}|*+?^$\\.-,:=!<>dwsbpuxk09'), maxLength: 14 })
    fc.assert(
      fc.property(wild, (source) => {
        let isValid = true
        try {
          new RegExp(source, 'u')
        } catch {
          isValid = false
        }
        try {
          readGbnf(regexToGbnf(source))
        } catch (thrown) {
          if (!(thrown instanceof HadalError)) throw thrown
          if (isValid && thrown.code === 'regex_invalid') expect(thrown.message).toContain('no text matches')
        }
      }),
      { numRuns: numRuns * 10 },
    )
  })

  it.each([
    ['(?<=a)b', 'lookbehind'],
    ['(a)\\1', 'back references'],
    ['\\bword\\b', 'word boundaries'],
    ['(?:a(?=b))*', 'lookahead in a repetition'],
  ])('refuses %s and says why', (source, reason) => {
    expect(() => regexToGbnf(source)).toThrow(reason)
    expect(() => regexToGbnf(source)).toThrow(expect.objectContaining({ code: 'regex_unsupported' }))
    expect(() => jsonSchemaToGbnf({ properties: { a: { pattern: source } } })).toThrow(
      /properties\/a\/pattern/,
    )
  })

  it.each(['(a|b)*a(a|b){20}(?=x)x', 'a{100000000}'])('refuses %s as too large, soon', (source) => {
    expect(() => regexToGbnf(source)).toThrow(expect.objectContaining({ code: 'regex_too_large' }))
  })

  it('stops minimising when every round separates only a few states', () => {
    expect(() => regexToGbnf('^(?:|aset{619}_Td+\\.\\p{L}*?)+$')).toThrow('too many ways to match')
  })
})
