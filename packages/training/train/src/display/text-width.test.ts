import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { cutToWidth, textWidth } from './text-width.ts'

describe('the width of a text', () => {
  it.each([
    ['', 0],
    ['step 1/100', 10],
    ['▁▂▃█░━×…–·', 10],
    ['naïve', 5],
    ['nai\u0308ve', 5],
    ['中文', 4],
    ['カナ', 4],
    ['ｶﾅ', 2],
    ['한국어', 6],
    ['\u1112\u1161\u11ab', 2],
    ['Ａ', 2],
    ['🚀', 2],
    ['👩‍👩‍👧', 2],
    ['🇫🇷', 2],
    ['❤️', 2],
    ['❤', 1],
    ['𠀀', 2],
    ['a\u200bb', 2],
    ['\u001b', 0],
  ])('of %j is %d', (text, width) => expect(textWidth(text)).toBe(width))
})

describe('a text cut to a width', () => {
  it.each([
    ['abcdef', 6, 'abcdef'],
    ['abcdef', 5, 'abcd…'],
    ['中文字', 6, '中文字'],
    ['中文字', 5, '中文…'],
    ['中文字', 4, '中…'],
    ['ab', 1, '…'],
    ['ab', 0, ''],
  ])('%j in %d columns is %j', (text, columns, cut) => expect(cutToWidth(text, columns)).toBe(cut))

  it('is never wider, and is the text where that fits', () => {
    const texts = fc.string({ unit: 'grapheme', maxLength: 20 })
    fc.assert(
      fc.property(texts, fc.nat(24), (text, columns) => {
        const cut = cutToWidth(text, columns)
        expect(textWidth(cut)).toBeLessThanOrEqual(columns)
        if (textWidth(text) <= columns) expect(cut).toBe(text)
      }),
    )
  })
})
