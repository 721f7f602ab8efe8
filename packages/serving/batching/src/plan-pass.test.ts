import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type PassLimits, type PassPart, type PassRequest, planPass } from './plan-pass.ts'

const limits: PassLimits = { maxTokens: 10, maxSequences: 4, whole: true }
const request = (id: string, inputs: number[], begun = false): PassRequest<string> => ({ id, inputs, begun })
const short = (parts: readonly PassPart<string>[]): string[] =>
  parts.map(({ id, input, tokens }) => `${id}${input}:${tokens}`)

describe('planPass', () => {
  it('takes one input of each request in turn', () => {
    const plan = planPass([request('a', [2, 2, 2, 2]), request('b', [2]), request('c', [2])], limits)
    expect(short(plan)).toEqual(['a0:2', 'b0:2', 'c0:2', 'a1:2'])
  })

  it('fills what an input too long for it leaves, and keeps the order within a request', () => {
    const plan = planPass([request('a', [4]), request('b', [7, 1]), request('c', [3])], limits)
    expect(short(plan)).toEqual(['a0:4', 'c0:3'])
  })

  it('computes the first of all however long, where inputs are whole', () => {
    expect(short(planPass([request('a', [30]), request('b', [1])], limits))).toEqual(['a0:30'])
  })

  it('computes a long one part by part, and gives half of the pass to others', () => {
    const inParts = { ...limits, whole: false }
    const others = [request('b', [3, 3]), request('c', [30])]
    expect(short(planPass([request('a', [30]), ...others], inParts))).toEqual(['a0:7', 'b0:3'])
    expect(short(planPass([...others, request('a', [23], true)], inParts))).toEqual(['a0:7', 'b0:3'])
    expect(short(planPass([request('a', [4], true), request('b', [3, 3])], inParts))).toEqual([
      'a0:4',
      'b0:3',
      'b1:3',
    ])
  })

  it('gives a long one at least half of a pass of an odd number of tokens', () => {
    const inParts = { ...limits, maxTokens: 5, whole: false }
    const others = request(
      'b',
      Array.from({ length: 10 }, () => 1),
    )
    expect(short(planPass([request('a', [9]), others], inParts))).toEqual(['a0:3', 'b0:1', 'b1:1'])
  })

  it('passes over requests that have nothing left', () => {
    const inParts = { ...limits, whole: false }
    expect(short(planPass([request('done', []), request('a', [30])], inParts))).toEqual(['a0:10'])
  })

  it('stays within its limits and serves everybody', () => {
    const input = fc.integer({ min: 1, max: 40 })
    const lists = fc.array(fc.array(input, { minLength: 1, maxLength: 12 }), { minLength: 1, maxLength: 8 })
    const anyLimits = fc.record({
      maxTokens: fc.integer({ min: 1, max: 32 }),
      maxSequences: fc.integer({ min: 1, max: 6 }),
      whole: fc.boolean(),
    })
    fc.assert(
      fc.property(lists, anyLimits, (inputs, limits) => {
        let turns = inputs.map((left, id) => ({ id, left: [...left], begun: false }))
        let passes = 0
        while (turns.length > 0) {
          passes += 1
          expect(passes).toBeLessThan(2000)
          const parts = planPass(
            turns.map(({ id, left, begun }) => ({ id, inputs: left, begun })),
            limits,
          )
          expect(parts.length).toBeGreaterThan(0)
          expect(parts.length).toBeLessThanOrEqual(limits.maxSequences)
          const tokens = parts.reduce((sum, part) => sum + part.tokens, 0)
          if (parts.length > 1 || !limits.whole) expect(tokens).toBeLessThanOrEqual(limits.maxTokens)
          const served = new Set(parts.map(({ id }) => id))
          for (const { id, input, tokens } of parts) {
            const turn = turns.find((each) => each.id === id)!
            if (limits.whole) expect(tokens).toBe(turn.left[input])
            turn.left[input]! -= tokens
          }
          for (const turn of turns) {
            const unfinished = turn.left.findIndex((left) => left > 0)
            turn.begun = unfinished === 0 && served.has(turn.id) ? true : turn.begun && unfinished === 0
            // Nothing behind an unfinished input was computed.
            if (unfinished >= 0) expect(turn.left.slice(unfinished).every((left) => left > 0)).toBe(true)
            turn.left = turn.left.filter((left) => left > 0)
          }
          expect(turns.filter((turn) => turn.begun).length).toBeLessThanOrEqual(1)
          turns = [...turns.filter(({ id }) => !served.has(id)), ...turns.filter(({ id }) => served.has(id))]
          turns = turns.filter(({ left }) => left.length > 0)
        }
      }),
    )
  })
})
