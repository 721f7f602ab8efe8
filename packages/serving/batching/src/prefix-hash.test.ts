import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { hashOf, PrefixHash } from './prefix-hash.ts'

const blocksOf = (...pieces: readonly (string | readonly number[])[]): readonly number[] => {
  const chain = new PrefixHash(4, 8)
  for (const piece of pieces) chain.add(piece)
  return chain.blocks
}

describe('the hashes of a prefix', () => {
  it('are the same for a text in pieces, one for each whole block, up to the most', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ maxLength: 9 })), (pieces) => {
        const text = pieces.join('')
        expect(blocksOf(...pieces)).toEqual(blocksOf(text))
        expect(blocksOf(text)).toHaveLength(Math.min(8, Math.floor(text.length / 4)))
      }),
    )
  })

  it('are shared by as many leading blocks as are equal, of tokens too', () => {
    const token = fc.integer({ min: 0, max: 300_000 })
    fc.assert(
      fc.property(fc.array(token), fc.array(token), fc.array(token), (common, ...rests) => {
        const [one, two] = rests.map((rest) => [...common, ...rest])
        const end = one!.findIndex((each, at) => each !== two![at])
        const equal = Math.min(one!.length, two!.length, end < 0 ? one!.length : end)
        const [a, b] = [blocksOf(one!), blocksOf(two!)]
        const shared = a.findIndex((each, at) => each !== b[at])
        expect(shared < 0 ? a.length : shared).toBe(Math.min(8, Math.floor(equal / 4)))
      }),
    )
  })

  it('stay stable: separate gateways choose the same replica', () => {
    expect(blocksOf('the same replica')).toMatchInlineSnapshot(`
      [
        556889947924641,
        2781187694192412,
        7833597504270436,
        5184269188051211,
      ]
    `)
    expect(hashOf('the same replica')).toMatchInlineSnapshot(`5184269188051211`)
  })
})
