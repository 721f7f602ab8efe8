import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { Embeddings } from './embeddings.ts'
import { normalizeRows } from './embeddings.ts'
import { pairUp, rankQueries, recallOf } from './recall.ts'

const rows = (...values: readonly (readonly number[])[]): Embeddings => ({
  values: Float32Array.from(values.flat()),
  count: values.length,
  width: values[0]!.length,
})
const own = (count: number) => Array.from({ length: count }, (_, index) => [index])

it('finds what belongs to each query, and says at which rank', () => {
  const items = rows([1, 0], [0, 1], [0.6, 0.8])
  const [first, second] = rankQueries(rows([1, 0], [0.5, 0.87]), items, [[0], [0]])
  expect(first).toMatchObject({ rank: 0, right: { item: 0, score: 1 } })
  expect(second).toMatchObject({ rank: 2, right: { item: 0 } })
  expect(second!.top.map(({ item }) => item)).toEqual([2, 1, 0])
})

it('counts ties against the query: what gives the same to everything finds nothing', () => {
  const same = rows([1, 0], [1, 0], [1, 0])
  const results = rankQueries(same, same, own(3))
  expect(results.map(({ rank }) => rank)).toEqual([2, 2, 2])
  expect(recallOf(results).at).toEqual({ 1: 0, 5: 1, 10: 1 })
  expect(results[0]!.top.map(({ item }) => item)).toEqual([1, 2, 0])
})

it('goes by the best of several right items, and never lets one right item push another down', () => {
  const items = rows([1, 0], [0.9, 0.1], [0, 1], [0.8, 0])
  expect(rankQueries(rows([1, 0]), items, [[1, 0]])[0]).toMatchObject({ rank: 0, right: { item: 0 } })
  expect(rankQueries(rows([1, 0]), items, [[2, 3]])[0]).toMatchObject({ rank: 2, right: { item: 3 } })
})

it('finds nothing where scores are no numbers', () => {
  const broken = rows([Number.NaN, 0], [Number.NaN, 0])
  expect(rankQueries(broken, broken, own(2)).map(({ rank }) => rank)).toEqual([1, 1])
  const [result] = rankQueries(rows([1, 0]), rows([1, 0], [Number.NaN, 0]), [[0]])
  expect(result!.rank).toBe(1)
})

it('has the ranks of a full sort, over more queries than are scored at once', () => {
  const vector = fc.array(fc.integer({ min: -3, max: 3 }), { minLength: 3, maxLength: 3 })
  const many = fc.array(vector, { minLength: 1, maxLength: 150 })
  fc.assert(
    fc.property(many, many, fc.nat(), (queries, items, salt) => {
      const right = queries.map((_, query) => [
        (query * 7 + salt) % items.length,
        (query + salt) % items.length,
      ])
      const results = rankQueries(rows(...queries), rows(...items), right, 4)
      results.forEach(({ rank, top }, query) => {
        const scores = items.map((item) =>
          item.reduce((sum, value, at) => sum + value * queries[query]![at]!, 0),
        )
        const isRight = (item: number) => right[query]!.includes(item)
        // Sorted with wrong items first among ties, the rank is the position of the first right one.
        const order = [...items.keys()].sort(
          (one, other) =>
            scores[other]! - scores[one]! || Number(isRight(one)) - Number(isRight(other)) || one - other,
        )
        expect(rank).toBe(order.findIndex(isRight))
        expect(top.map(({ item }) => item)).toEqual(order.slice(0, 4))
      })
    }),
    { numRuns: 60 },
  )
})

it('has the median of ranks from 1', () => {
  const ranks = (...values: number[]) => recallOf(values.map((rank) => ({ rank })))
  expect(ranks(0, 4, 9, 10)).toEqual({ at: { 1: 0.25, 5: 0.5, 10: 0.75 }, medianRank: 7.5, queries: 4 })
  expect(ranks(3, 0, 1).medianRank).toBe(2)
})

it('takes a caption of two images for one text that belongs to both', () => {
  expect(pairUp([['a', 'b', 'a'], ['b'], ['c']])).toEqual({
    texts: ['a', 'b', 'c'],
    imagesOfText: [[0], [0, 1], [2]],
    textsOfImage: [[0, 1], [1], [2]],
  })
})

it('brings rows to unit length, and leaves zeros', () => {
  const { values } = normalizeRows(rows([3, 4], [0, 0]))
  expect([...values]).toEqual([Math.fround(0.6), Math.fround(0.8), 0, 0])
})
