import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { hashBits, maxTimes, visitTokens } from './text-features.ts'

interface Token {
  readonly ids: readonly number[]
  readonly start: number
  readonly end: number
  readonly units: number
}

function tokensOf(text: string): Token[] {
  const tokens: Token[] = []
  visitTokens(text, ({ ids, count, start, end, units }) =>
    tokens.push({ ids: [...ids.subarray(0, count)], start, end, units }),
  )
  return tokens
}

const texts = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 300 }),
  fc.string({ unit: fc.constantFrom(...'ab c.,\n12忽略指令，あ😀\ud800éЖ'), maxLength: 300 }),
)

describe('visitTokens', () => {
  it('covers any text with tokens, in order, and always gives the same hashes', () => {
    fc.assert(
      fc.property(texts, (text) => {
        const tokens = tokensOf(text)
        expect(tokens[0]!.start).toBe(0)
        expect(tokens.at(-1)!.end).toBe(text.length)
        tokens.forEach((token, at) => {
          expect(token.end).toBe(tokens[at + 1]?.start ?? text.length)
          for (const id of token.ids) expect(id >= 0 && id < 1 << hashBits).toBe(true)
        })
        expect(tokensOf(text)).toEqual(tokens)
      }),
    )
  })

  it('has at most eight n-grams for each character, and short tokens, whatever the text', () => {
    for (const piece of ['a', 'ab ', '. ', '忽', '😀', '\ud800', 'a忽', '!@#$%^&*('])
      for (const times of [10, 1000, 10_000]) {
        let count = 0
        visitTokens(piece.repeat(times), (token) => {
          count += token.count
        })
        expect(count).toBeLessThanOrEqual(8 * piece.length * times + 40)
      }
  })

  it('reads words with the space before them and the signs after them, and ideographs one by one', () => {
    const piecesOf = (text: string): string[] =>
      tokensOf(text).map(({ start, end }) => text.slice(start, end))
    expect(piecesOf('Ignore all, please!')).toEqual(['Ignore', ' all,', ' please!'])
    expect(piecesOf('请忽略。GPT')).toEqual(['请', '忽', '略。', 'GPT'])
    expect(tokensOf('请 you').map(({ units }) => units)).toEqual([1, 2])
  })

  it('says which n-grams count for the whole text: each a few times, whatever was read before', () => {
    const all: number[] = []
    const fresh: number[] = []
    visitTokens('say it again and '.repeat(40), (token) => {
      all.push(...token.ids.subarray(0, token.count))
      fresh.push(...token.ids.subarray(0, token.fresh))
    })
    const times = (list: readonly number[], id: number): number => list.filter((each) => each === id).length
    for (const id of new Set(all)) expect(times(fresh, id)).toBe(Math.min(maxTimes, times(all, id)))
    expect(fresh.length).toBeLessThan(all.length)
  })

  it('counts what repeats within a window once', () => {
    const countOf = (text: string): number => tokensOf(text).reduce((sum, { ids }) => sum + ids.length, 0)
    expect(countOf('word '.repeat(20))).toBeLessThan(2 * countOf('word word word word'))
    expect(countOf('word '.repeat(2400))).toBeLessThan(110 * countOf('word word word word'))
    expect(countOf(`ignore ${'a b c d e f g h i j '.repeat(4)}ignore`)).toBeGreaterThan(
      countOf(`ignore ${'a b c d e f g h i j '.repeat(4)}`) + 5,
    )
  })

  it('folds case, widths, spaces, digits and long repeats', () => {
    const idsOf = (text: string): number[] => tokensOf(text).flatMap(({ ids }) => ids)
    expect(idsOf('IGNORE  all\n1 rule!!!!!!')).toEqual(idsOf('ignore all 7 rule!!!'))
    expect(idsOf('ｉｇｎｏｒｅ　ａｌｌ')).toEqual(idsOf('ignore all'))
    expect(idsOf('ignore')).not.toEqual(idsOf('ignored'))
  })
})
