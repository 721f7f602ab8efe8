import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { mean, quantile, Scrape, since } from './scrape.ts'

const buckets = (counts: readonly (readonly [le: string, count: number])[], sum = 0): string =>
  [
    ...counts.map(([le, count]) => `x_bucket{le="${le}"} ${count}`),
    `x_sum ${sum}`,
    `x_count ${counts.at(-1)?.[1] ?? 0}`,
  ].join('\n')
const histogram = (text: string) => new Scrape(text).histogram('x')!

describe('figures of a scrape', () => {
  it('are summed over unspecified labels, skipping NaN', () => {
    const scrape = new Scrape('a{m="1",e="0"} 2\na{m="1",e="1"} 3\na{m="2"} 7\na{m="1",e="2"} NaN\nb NaN')
    expect([scrape.sum('a'), scrape.sum('a', { m: '1' }), scrape.sum('b'), scrape.sum('c')]).toEqual([
      12,
      5,
      undefined,
      undefined,
    ])
    expect([...scrape.by('a', 'm')]).toEqual([
      ['1', 5],
      ['2', 7],
    ])
  })

  it('have quantiles as Prometheus has them', () => {
    // histogram_quantile(0.9) of 10 below 1 s, 60 below 2 s, 100 below 4 s: 2 + 2 * (90 - 60) / 40.
    const found = histogram(
      buckets(
        [
          ['1', 10],
          ['2', 60],
          ['4', 100],
          ['+Inf', 100],
        ],
        230,
      ),
    )
    expect(quantile(found, 0.9)).toEqual({ value: 3.5, isAtLeast: false })
    expect(quantile(found, 0.05)).toEqual({ value: 0.5, isAtLeast: false })
    expect(mean(found)).toBe(2.3)
    const beyond = histogram(
      buckets([
        ['1', 10],
        ['+Inf', 100],
      ]),
    )
    expect(quantile(beyond, 0.9)).toEqual({ value: 1, isAtLeast: true })
    expect(quantile(histogram(buckets([['+Inf', 0]])), 0.9)).toBeUndefined()
  })

  it('know what came since, unless the server began anew', () => {
    const before = histogram(
      buckets(
        [
          ['1', 10],
          ['+Inf', 20],
        ],
        30,
      ),
    )
    const now = histogram(
      buckets(
        [
          ['1', 11],
          ['+Inf', 25],
        ],
        45,
      ),
    )
    expect(since(now, before)).toMatchObject({ count: 5, sum: 15 })
    expect(since(before, now)).toBeUndefined()
    expect(
      since(
        histogram(
          buckets([
            ['2', 50],
            ['+Inf', 60],
          ]),
        ),
        before,
      ),
    ).toBeUndefined()
  })

  it('have quantiles in order, within the edges, whatever the counts are', () => {
    const edge = fc.constantFrom('0.1', '1', '5', '+Inf', 'x', '-1', 'NaN')
    const count = fc.oneof(fc.nat(1000), fc.constantFrom(-5, Number.NaN, 1e300))
    fc.assert(
      fc.property(
        fc.array(fc.tuple(edge, count)),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (all, share) => {
          const found = new Scrape(buckets(all)).histogram('x')
          if (found === undefined) return
          const [at, above] = [quantile(found, share), quantile(found, 1)]
          if (at === undefined || above === undefined) return
          expect(Number.isFinite(at.value)).toBe(true)
          expect(at.value).toBeLessThanOrEqual(above.value)
        },
      ),
    )
  })
})
