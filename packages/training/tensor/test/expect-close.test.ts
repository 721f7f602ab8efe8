/** What `expect-close.ts` lets pass and what not: rounding in any order, and nothing that is wrong. */

import { manualSeed, scope, setNumThreads, type Tensor, torch } from '@hadal/tensor'
import { describe, expect, it } from 'vitest'
import { expectAllClose, expectClose, relativeError, roundingBound } from './expect-close.ts'

setNumThreads(1)

const passes = (compare: () => void): boolean => {
  try {
    compare()
    return true
  } catch {
    return false
  }
}

describe('a product of matrices', () => {
  const inner = 512
  const closeness = { roundings: inner }

  /** Sums of products from the first to the last, the last to the first, and in pieces: orders that kernels may take. */
  function products(): { a: Tensor; b: Tensor; orders: Tensor[]; exact: Tensor } {
    manualSeed(1)
    const [a, b] = [torch.randn([8, inner]), torch.randn([inner, 8])]
    const piece = (at: number): Tensor => a.narrow(1, at, 64).matmul(b.narrow(0, at, 64))
    const pieces = Array.from({ length: inner / 64 }, (_, index) => piece(64 * index))
    const add = (parts: readonly Tensor[]): Tensor => parts.reduce((sum, part) => sum.add(part))
    return {
      a,
      b,
      orders: [a.matmul(b), a.flip([1]).matmul(b.flip([0])), add(pieces), add(pieces.toReversed())],
      exact: a.double().matmul(b.double()),
    }
  }

  it('passes in whatever order it is summed', () => {
    scope(() => {
      const { orders, exact } = products()
      for (const each of orders) expectClose(each, exact, closeness)
    })
  })

  it('fails where it is 0.1 % too large, lacks one of 512 terms, or is rounded to 16 bits', () => {
    scope(() => {
      const { a, b, orders, exact } = products()
      const wrong = [
        orders[0]!.mul(1.001),
        a.narrow(1, 1, inner - 1).matmul(b.narrow(0, 1, inner - 1)),
        a.bfloat16().matmul(b.bfloat16()).float(),
        torch.fullLike(exact, Number.NaN),
      ]
      for (const each of wrong) expect(passes(() => expectClose(each, exact, closeness))).toBe(false)
    })
  })
})

it('a part is compared with its own norm, and one that is nothing but rounding with a hundredth of all', () => {
  const exact = [[3, 4], [0.03, 0.04], [0]]
  const closeness = { roundings: 100 }
  const compare = (ours: readonly number[][]) => passes(() => expectAllClose(ours, exact, closeness))
  expect(compare([[3, 4.000001], [0.03, 0.04], [1e-8]])).toBe(true)
  expect(compare([[3, 4.001], [0.03, 0.04], [0]])).toBe(false)
  expect(compare([[3, 4], [0.03, 0.04001], [0]])).toBe(false)
  expect(compare([[3, 4], [0.03, 0.04], [1e-5]])).toBe(false)
  expect(
    compare([
      [3, 4],
      [0.03, 0.04],
    ]),
  ).toBe(false)
})

it('few roundings add up, many do so like their root, in the precision they happen in', () => {
  expect(roundingBound(1)).toBe(2 ** -23)
  expect(roundingBound(4, 'float64')).toBe(2 ** -50)
  expect(roundingBound(10_000) / roundingBound(100)).toBeCloseTo(10)
  expect(roundingBound(100, 'bfloat16') / roundingBound(100)).toBe(2 ** 16)
})

it('equal results have no error, also where they are zero', () => {
  expect(relativeError([0, 0], [0, 0])).toBe(0)
  expect(relativeError(2, 1)).toBe(1)
  expect(relativeError([1, 1], [1, 0], 10)).toBe(0.1)
})
