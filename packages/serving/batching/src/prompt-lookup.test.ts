import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { PromptLookup } from './prompt-lookup.ts'

describe('PromptLookup', () => {
  it('proposes what followed last time', () => {
    expect(new PromptLookup([1, 2, 3, 4, 5, 1, 2]).propose(3)).toEqual([3, 4, 5])
    expect(new PromptLookup([1, 2, 3, 4, 5, 1, 2]).propose(8)).toEqual([3, 4, 5, 1, 2, 3, 4, 5])
    expect(new PromptLookup([1, 2, 3, 4, 5, 1, 2]).propose(1)).toEqual([3])
  })

  it('proposes nothing for what never happened, and on too little', () => {
    expect(new PromptLookup([1, 2, 3, 4]).propose(3)).toEqual([])
    expect(new PromptLookup([1]).propose(3)).toEqual([])
    expect(new PromptLookup().propose(3)).toEqual([])
    expect(new PromptLookup([1, 2, 1, 2]).propose(0)).toEqual([])
  })

  it('prefers the longer match, then the newer', () => {
    expect(new PromptLookup([9, 1, 2, 7, 8, 1, 2, 5, 9, 1, 2]).propose(1)).toEqual([7])
    expect(new PromptLookup([8, 1, 2, 7, 8, 1, 2, 5, 8, 1, 2]).propose(1)).toEqual([5])
  })

  it('goes on through a repetition', () => {
    expect(new PromptLookup([4, 4, 4, 4]).propose(5)).toEqual([4, 4, 4, 4, 4])
    expect(new PromptLookup([4, 7, 4, 7, 4, 7]).propose(3)).toEqual([4, 7, 4])
  })

  it('equals a search of the whole history, as far as that looks', () => {
    const history = fc.array(fc.nat(3), { maxLength: 40 })
    fc.assert(
      fc.property(history, fc.integer({ min: 1, max: 6 }), (tokens, most) => {
        const lookup = new PromptLookup()
        for (const token of tokens) lookup.push(token)
        const proposed = lookup.propose(most)
        const tail = tokens.slice(-2)
        const places = tokens.flatMap((_, at) =>
          at >= 2 && at < tokens.length && tokens[at - 2] === tail[0] && tokens[at - 1] === tail[1]
            ? [at]
            : [],
        )
        if (tokens.length < 2 || places.length === 0) expect(proposed).toEqual([])
        else
          expect(places.slice(-8).map((at) => goneRound(tokens.slice(at), most))).toContainEqual([
            ...proposed,
          ])
      }),
    )
  })
})

const goneRound = (tokens: readonly number[], length: number): number[] =>
  Array.from({ length }, (_, at) => tokens[at % tokens.length]!)
