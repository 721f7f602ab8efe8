import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readGbnf } from '../../../grammar/test/gbnf-reader.ts'
import { isText } from '../../../grammar/test/sample-gbnf.ts'
import { literal, untilRules } from './gbnf.ts'

function until(mark: string): ReturnType<typeof readGbnf> {
  return readGbnf(
    ['root ::= u', ...[...untilRules('u', mark)].map(([name, body]) => `${name} ::= ${body}`)].join('\n'),
  )
}

describe('rules for any text up to a mark', () => {
  it('end with the first one', () => {
    const few = (min: number): fc.Arbitrary<string> =>
      fc.string({
        unit: fc.constantFrom('a', 'b', '<', ']', '\\', '^', '-', '\n', '｜'),
        minLength: min,
        maxLength: 8,
      })
    fc.assert(
      fc.property(few(1), few(0), few(0), (mark, before, after) => {
        const grammar = until(mark)
        for (const text of [before + mark, before + mark + after, before, mark + before])
          expect(isText(grammar, text)).toBe(
            text.indexOf(mark) === text.length - mark.length && text.includes(mark),
          )
      }),
      { numRuns: 500 },
    )
  })
})

describe('a literal', () => {
  it('is the text itself, whatever stands in it', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('"', '\\', '\n', '\r', '\t', 'a', 'é'), minLength: 1 }),
        (text) => {
          const grammar = readGbnf(`root ::= ${literal(text)}`)
          expect(isText(grammar, text)).toBe(true)
          expect(isText(grammar, `${text}a`)).toBe(false)
        },
      ),
    )
  })
})
