import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { logprobsAmong, logprobsOf } from './logprobs.ts'

const finite = fc.float({ noNaN: true, noDefaultInfinity: true, min: -1000, max: 1000 })

describe('log-probabilities', () => {
  it('are those of a distribution, best first', () => {
    fc.assert(
      fc.property(fc.array(finite, { minLength: 1, maxLength: 20 }), (logits) => {
        const { top } = logprobsOf(Float32Array.from(logits), 0, logits.length)
        const sum = top.reduce((all, [, logprob]) => all + Math.exp(logprob), 0)
        expect(sum).toBeCloseTo(1, 4)
        for (let at = 1; at < top.length; at += 1) expect(top[at]![1]).toBeLessThanOrEqual(top[at - 1]![1])
      }),
    )
  })

  it('are equal among tokens of which all were ruled out', () => {
    const out = Number.NEGATIVE_INFINITY
    expect(logprobsAmong([[7, out]], 7, 3)).toEqual({ chosen: 0, top: [[7, 0]] })
    expect(
      logprobsAmong(
        [
          [7, out],
          [9, out],
        ],
        9,
        1,
      ).chosen,
    ).toBeCloseTo(Math.log(0.5), 6)
    expect(
      logprobsAmong(
        [
          [7, out],
          [9, 1],
        ],
        9,
        3,
      ),
    ).toMatchObject({ chosen: 0 })
  })
})
