import { stripVTControlCharacters } from 'node:util'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { trainBpe } from '../tokenizer/index.ts'
import { previewTokens } from './preview-tokens.ts'

const tokenizer = trainBpe(['hello there hello there'], { vocabSize: 268, specialTokens: ['<|end|>'] })
const masked = (text: string, learnt: (index: number) => boolean = () => true) => {
  const tokens = tokenizer.encode(text, { allowSpecial: true })
  return { tokens, learn: tokens.map((_, index) => learnt(index)) }
}

describe('previewTokens', () => {
  it('paints what is learnt green, what is read grey, neighbours in two shades, special tokens bold', () => {
    const { tokens } = masked('hi!<|end|>')
    const painted = previewTokens({ tokens, learn: [false, false, true, true] }, tokenizer, { inColor: true })
    expect(painted).toBe(
      '\u001b[90mh\u001b[0m\u001b[37mi\u001b[0m\u001b[32m!\u001b[0m\u001b[1;92m<|end|>\u001b[0m',
    )
  })

  it('puts brackets around what is learnt where there is no colour', () => {
    const preview = (text: string, learnt: (index: number) => boolean) =>
      previewTokens(masked(text, learnt), tokenizer, { inColor: false })
    expect(preview('abc', (i) => i === 1)).toBe('a⟦b⟧c')
    expect(preview('abc', (i) => i > 0)).toBe('a⟦bc⟧')
  })

  it('shows characters whole that are several tokens, and spells what is none', () => {
    expect(previewTokens(masked('é漢🙂'), tokenizer, { inColor: false })).toBe('⟦é漢🙂⟧')
    const half = tokenizer.encode('漢').slice(0, 2)
    expect(previewTokens({ tokens: half, learn: [false, false] }, tokenizer, { inColor: false })).toBe(
      '\\xe6\\xbc',
    )
    const { tokens } = masked('é')
    expect(previewTokens({ tokens, learn: [false, true] }, tokenizer, { inColor: false })).toBe(
      '\\xc3⟦\\xa9⟧',
    )
  })

  it('spells what would move the cursor or turn text around', () => {
    expect(previewTokens(masked('a\n\tb\u001b[2J\u202e'), tokenizer, { inColor: false })).toBe(
      '⟦a↵\n\\tb\\u{1b}[2J\\u{202e}⟧',
    )
    fc.assert(
      fc.property(fc.array(fc.nat(tokenizer.vocabSize - 1)), (tokens) => {
        const learn = tokens.map((id) => id % 2 === 0)
        const painted = previewTokens({ tokens, learn }, tokenizer, { inColor: true })
        expect(stripVTControlCharacters(painted)).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/)
      }),
    )
  })

  it('says the same with colour and without', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        const painted = previewTokens(masked(text), tokenizer, { inColor: true })
        const plain = previewTokens(masked(text), tokenizer, { inColor: false })
        expect(painted.replace(/\u001b\[[\d;]*m/g, '')).toBe(text === '' ? '' : plain.slice(1, -1))
      }),
    )
  })
})
