import fc from 'fast-check'
import { expect, it } from 'vitest'
import { lengthStatistics } from './length-statistics.ts'

const documents = (lengths: readonly number[]) =>
  lengths.map((length) => ({
    tokens: Array<number>(length).fill(1),
    learn: Array<boolean>(length).fill(true),
  }))

it('counts, by nearest rank', () => {
  const lengths = Array.from({ length: 100 }, (_, i) => i + 1)
  expect(lengthStatistics(documents(lengths), 90)).toEqual({
    documents: 100,
    tokens: 5050,
    learnt: 5050,
    mean: 50.5,
    percentiles: { p0: 1, p10: 10, p25: 25, p50: 50, p75: 75, p90: 90, p95: 95, p99: 99, p100: 100 },
    truncated: { limit: 90, documents: 0.1, tokens: 55 / 5050 },
  })
  expect(lengthStatistics([{ tokens: [1, 2], learn: [false, true] }], 8)).toMatchObject({ learnt: 1 })
})

it('is all zero for nothing', () => {
  const { mean, percentiles, truncated } = lengthStatistics([], 8)
  expect([mean, percentiles.p50, truncated.documents, truncated.tokens]).toEqual([0, 0, 0, 0])
})

it('each percentile is the smallest length that covers its share of documents', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(50), { minLength: 1, maxLength: 30 }), (lengths) => {
      const { percentiles } = lengthStatistics(documents(lengths), 8)
      for (const [name, value] of Object.entries(percentiles)) {
        const share = Number(name.slice(1)) / 100
        expect(lengths.filter((length) => length <= value).length).toBeGreaterThanOrEqual(
          share * lengths.length,
        )
        if (share > 0)
          expect(lengths.filter((length) => length < value).length).toBeLessThan(share * lengths.length)
      }
    }),
  )
})
