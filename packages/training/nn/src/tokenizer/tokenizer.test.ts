import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Tokenizer } from './tokenizer.ts'
import type { TokenizerParts } from './tokenizer-parts.ts'
import { trainBpe } from './train-bpe.ts'

const corpus = [
  "It was the best of times, it was the worst of times; it was the age of wisdom, it's the age of foolishness.",
  'Größe und Straße, naïve café, 東京 東京 東京, 👩‍👩‍👧 👩‍👩‍👧, 12 12 12 345 345\n\n\n    indented\n    indented\r\n',
  'aaaaaaaa aaaaaaaa aaaa aaaa aaa aaa aa aa the the the',
]
const special = ['<|endoftext|>', '<|im_start|>', '<|im_end|>', '<|im_end|>\n']
const tokenizer = trainBpe(corpus, { vocabSize: 512, specialTokens: special })
const fresh = (): Tokenizer => new Tokenizer(tokenizer.parts)

const anyText = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.string({ unit: 'binary' }),
  fc
    .array(
      fc.constantFrom(...special, ...corpus, ' ', '\n', 'the', 'aaa', '<|im_', 'end|>', 'é', '0', '\u{feff}'),
    )
    .map((parts) => parts.join('')),
)

/** The definition: merge the earliest-learned pair, leftmost first, until there is none. */
function naiveApply({ merges }: TokenizerParts, bytes: Uint8Array): number[] {
  const ids = [...bytes]
  for (;;) {
    let best = merges.length
    let where = -1
    for (let at = 0; at + 1 < ids.length; at++) {
      const rank = merges.findIndex(([left, right]) => left === ids[at] && right === ids[at + 1])
      if (rank !== -1 && rank < best) {
        best = rank
        where = at
      }
    }
    if (where === -1) return ids
    ids.splice(where, 2, merges[best]![2])
  }
}

describe('Tokenizer', () => {
  it('decodes what it encoded, with and without special tokens', () => {
    fc.assert(
      fc.property(anyText, fc.boolean(), (text, allowSpecial) => {
        expect(tokenizer.decode(tokenizer.encode(text, { allowSpecial }))).toBe(text)
      }),
      { numRuns: 500 },
    )
  })

  it('gives the same tokens whatever it encoded before', () => {
    const cold = fresh()
    fc.assert(
      fc.property(anyText, (text) => {
        expect(tokenizer.encode(text)).toEqual(cold.encode(text))
        expect(fresh().encode(text)).toEqual(cold.encode(text))
      }),
    )
  })

  it('applies merges as the definition does', () => {
    const word = fc
      .array(fc.constantFrom('a', 'aa', 'the', 'times', 'é', 'ß', '東'), { minLength: 1, maxLength: 12 })
      .map((parts) => parts.join(''))
    fc.assert(
      fc.property(word, (text) => {
        expect(tokenizer.encode(text)).toEqual(naiveApply(tokenizer.parts, Buffer.from(text)))
      }),
    )
  })

  it('makes no special token of ordinary text', () => {
    const ids = new Set(tokenizer.specialTokens.values())
    fc.assert(
      fc.property(anyText, (text) => {
        expect(tokenizer.encode(text).filter((id) => ids.has(id))).toEqual([])
      }),
    )
  })

  it('makes special tokens where allowed, the longest first', () => {
    const [user, end] = [tokenizer.special('<|im_start|>'), tokenizer.special('<|im_end|>')]
    const endLine = tokenizer.special('<|im_end|>\n')
    const encode = (text: string): number[] => tokenizer.encode(text, { allowSpecial: true })
    expect(encode('<|im_start|><|im_end|><|im_end|>\n')).toEqual([user, end, endLine])
    expect(encode('the<|im_end|>the')).toEqual([...tokenizer.encode('the'), end, ...tokenizer.encode('the')])
  })

  it('turns lone surrogates into U+FFFD', () => {
    expect(tokenizer.decode(tokenizer.encode('a\ud800b\udc00'))).toBe('a\ufffdb\ufffd')
  })

  it('gives the bytes of half a character', () => {
    const [first] = fresh().encode('\u{10348}')
    expect([...tokenizer.bytesOf(first!)][0]).toBe(0xf0)
    expect(tokenizer.decode([0x61, 0xf0])).toBe('a\ufffd')
  })

  it('takes long input without a break in its stride', () => {
    const text = 'a'.repeat(300_000)
    expect(tokenizer.decode(tokenizer.encode(text))).toBe(text)
  })

  it.each([-1, 0.5, 10_000])('refuses to decode the id %d', (id) => {
    expect(() => tokenizer.decode([id])).toThrow(expect.objectContaining({ code: 'nn_token_id_invalid' }))
  })

  it('says which special token is unknown', () => {
    expect(() => tokenizer.special('<|nope|>')).toThrow(
      expect.objectContaining({
        code: 'nn_special_token_invalid',
        message: expect.stringContaining('<|nope|>'),
      }),
    )
  })
})
