import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { preTokenizer, qwen2Pattern } from './pre-tokenizer.ts'
import { trainBpe } from './train-bpe.ts'

/** The definition, recounting everything at each step. */
function naiveMerges(texts: readonly string[], size: number): [string, string][] {
  const pieces = texts.flatMap((text) =>
    preTokenizer([qwen2Pattern])(text).map((piece) =>
      [...Buffer.from(piece)].map((b) => String.fromCharCode(b)),
    ),
  )
  const ids = new Map(Array.from({ length: 256 }, (_, byte) => [String.fromCharCode(byte), byte]))
  const merges: [string, string][] = []
  while (ids.size < size) {
    const counts = new Map<string, { pair: [string, string]; count: number }>()
    for (const piece of pieces) {
      for (let at = 0; at + 1 < piece.length; at++) {
        const pair: [string, string] = [piece[at]!, piece[at + 1]!]
        const entry = counts.get(pair.join('\0\0')) ?? { pair, count: 0 }
        counts.set(pair.join('\0\0'), { pair, count: entry.count + 1 })
      }
    }
    const [best] = [...counts.values()].sort(
      (a, b) =>
        b.count - a.count ||
        ids.get(a.pair[0])! - ids.get(b.pair[0])! ||
        ids.get(a.pair[1])! - ids.get(b.pair[1])!,
    )
    if (best === undefined || best.count < 2) break
    const [left, right] = best.pair
    if (!merges.some((merge) => merge[0] === left && merge[1] === right)) merges.push([left, right])
    if (!ids.has(left + right)) ids.set(left + right, ids.size)
    for (const piece of pieces) {
      for (let at = 0; at + 1 < piece.length; at++) {
        if (piece[at] === left && piece[at + 1] === right) piece.splice(at, 2, left + right)
      }
    }
  }
  return merges
}

function learnedMerges(texts: readonly string[], vocabSize: number): [string, string][] {
  const { merges, tokens } = trainBpe(texts, { vocabSize }).parts
  const text = (id: number): string => Buffer.from(tokens[id]!).toString('latin1')
  return merges.map(([left, right]) => [text(left), text(right)])
}

const repetitive = fc
  .array(fc.stringMatching(/^[abc é]*$/), { minLength: 1, maxLength: 20 })
  .map((words) => words.join(' '))

describe('trainBpe', () => {
  it('learns exactly the merges of the definition', () => {
    fc.assert(
      fc.property(
        fc.array(repetitive, { maxLength: 4 }),
        fc.integer({ min: 256, max: 300 }),
        (texts, size) => {
          expect(learnedMerges(texts, size)).toEqual(naiveMerges(texts, size))
        },
      ),
      { numRuns: 300 },
    )
  })

  it('gives a token to the most frequent pair first, and ties to the smaller ids', () => {
    expect(learnedMerges(['xy xy xy ab ab ab'], 258)).toEqual([
      [' ', 'a'],
      ['x', 'y'],
    ])
  })

  it('does not depend on the order of the texts', () => {
    const texts = ['the cat sat on the mat', 'a bat and a rat', 'the hat that the cat had']
    const backwards = trainBpe([...texts].reverse(), { vocabSize: 290 })
    expect(backwards.parts).toEqual(trainBpe(texts, { vocabSize: 290 }).parts)
  })

  it('stops at the requested size, special tokens last', () => {
    const tokenizer = trainBpe(['hello hello hello hello'], { vocabSize: 260, specialTokens: ['<a>', '<b>'] })
    expect(tokenizer.vocabSize).toBe(260)
    expect([...tokenizer.specialTokens]).toEqual([
      ['<a>', 258],
      ['<b>', 259],
    ])
    expect(tokenizer.parts.merges).toHaveLength(2)
  })

  it('never learns a pair seen once, so small corpora give small vocabularies', () => {
    expect(trainBpe(['abcdefg'], { vocabSize: 1000 }).vocabSize).toBe(256)
  })

  it('does not learn from the text of special tokens', () => {
    const texts = ['<|im_end|>'.repeat(50)]
    expect(trainBpe(texts, { vocabSize: 300, specialTokens: ['<|im_end|>'] }).parts.merges).toEqual([])
    expect(trainBpe(texts, { vocabSize: 300 }).parts.merges).not.toEqual([])
  })

  it.each([255, 256, 257.5, Number.NaN, -1])('refuses a vocabulary of %d', (vocabSize) => {
    expect(() => trainBpe(['x'], { vocabSize, specialTokens: ['<e>'] })).toThrow(
      expect.objectContaining({ code: 'nn_vocab_size_invalid' }),
    )
  })

  it.each([[['<e>', '<e>']], [['']], [['x']]])('refuses the special tokens %j', (specialTokens) => {
    expect(() => trainBpe(['x'], { vocabSize: 400, specialTokens })).toThrow(
      expect.objectContaining({ code: 'nn_special_token_invalid' }),
    )
  })
})
