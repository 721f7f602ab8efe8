import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Token } from '../../conversation.ts'
import { cellAt, doubtOf, tokenSummary, tokenText } from './token-cells.ts'
import { TokenSlicer } from './token-slicer.ts'

const token = (bytes: readonly number[], logprob = Math.log(0.5)): Token => ({
  text: Buffer.from(bytes).toString(),
  bytes,
  logprob,
  top: [],
})

describe('tokens', () => {
  it('that are parts of a character stand in one cell, with the probability of all of them', () => {
    const wave = [...Buffer.from('海')]
    const cell = cellAt([token(wave.slice(0, 1)), token(wave.slice(1))], 0)
    expect(cell).toMatchObject({ text: '海', first: 0, count: 2 })
    expect(Math.exp(cell.logprob)).toBeCloseTo(0.25)
  })

  it('that are no character are shown as their bytes', () => {
    expect(cellAt([token([0xe6]), token([0x41])], 0)).toMatchObject({ text: '⟨E6⟩', count: 1 })
    expect(tokenText({ text: '\ufffd', bytes: [0xff, 0x0a] })).toBe('⟨FF 0A⟩')
    expect(cellAt([{ text: '<eos>', bytes: [], logprob: 0, top: [] }], 0).text).toBe('<eos>')
  })

  it('are rated by their probability', () => {
    expect([0.9, 0.6, 0.5, 0.2, 0.05].map((each) => doubtOf(Math.log(each)))).toEqual([0, 0, 1, 2, 3])
    expect(tokenSummary([token([65], Math.log(0.5)), token([65], Math.log(0.125))])).toMatchObject({
      count: 2,
      mean: 0.25,
      perplexity: 4,
    })
    expect(tokenSummary([token([65], Number.NEGATIVE_INFINITY)])?.mean).toBeGreaterThan(0)
    expect(tokenSummary([])).toBeUndefined()
  })

  it('in slices are all of them, however they come', () => {
    const text = fc.array(fc.constantFrom('sea', ' ', '\n', '海', '🌊'), { maxLength: 600 })
    fc.assert(
      fc.property(text, fc.array(fc.nat(300), { maxLength: 8 }), (words, steps) => {
        const tokens = [...Buffer.from(words.join(''))].map((byte) => token([byte]))
        const slicer = new TokenSlicer()
        let length = 0
        for (const step of steps) {
          length = Math.min(tokens.length, length + step)
          slicer.update(tokens.slice(0, length))
        }
        const { cells, slices } = slicer.update([...tokens])
        expect(cells.map((cell) => cell.text).join('')).toBe(words.join(''))
        expect(slices.every((slice) => slice.cells.length <= 400)).toBe(true)
        expect(slices.every((slice) => cells[slice.from] === slice.cells[0])).toBe(true)
      }),
      { numRuns: 50 },
    )
  })
})
