import { median } from '@hadal/base'
import { drawLength, exponential, normal, seededRandom } from '@hadal/batching'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseLengthDistribution } from './length-distribution.ts'
import { summarize } from './statistics.ts'

const many = (count: number, draw: () => number): number[] => Array.from({ length: count }, draw)
const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length

describe('random numbers', () => {
  it('repeat with the seed, and differ without', () => {
    const [a, b, c] = [seededRandom(1), seededRandom(1), seededRandom(2)]
    const first = many(20, a)
    expect(many(20, b)).toEqual(first)
    expect(many(20, c)).not.toEqual(first)
  })

  it('are uniform, exponential and normal', () => {
    const random = seededRandom(7)
    expect(mean(many(20_000, random))).toBeCloseTo(0.5, 1)
    expect(mean(many(20_000, () => exponential(random, 4)))).toBeCloseTo(0.25, 1)
    const draws = many(20_000, () => normal(random))
    expect(mean(draws)).toBeCloseTo(0, 1)
    expect(mean(draws.map((value) => value * value))).toBeCloseTo(1, 1)
  })
})

describe('lengths', () => {
  it.each([
    ['64', { kind: 'fixed', tokens: 64 }],
    ['uniform:32,128', { kind: 'uniform', least: 32, most: 128 }],
    ['lognormal:64,0.6', { kind: 'lognormal', median: 64, sigma: 0.6, most: 1024 }],
    ['pareto:32,1.2', { kind: 'pareto', least: 32, alpha: 1.2, most: 2048 }],
    ['lognormal:64,0.6,512', { kind: 'lognormal', median: 64, sigma: 0.6, most: 512 }],
  ])('%s', (text, distribution) => expect(parseLengthDistribution(text)).toEqual(distribution))

  it.each([
    '',
    '0',
    '1.5',
    '64,2',
    'uniform:9,3',
    'uniform:3',
    'lognormal:64',
    'lognormal:64,0',
    'gauss:1,2',
    'fixed:x',
    'lognormal:64,1,32',
  ])('refuses %j', (text) => {
    expect(() => parseLengthDistribution(text)).toThrow(
      expect.objectContaining({ code: 'invalid_distribution' }),
    )
  })

  it('stay within their bounds, whatever the seed', () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 1, max: 500 }), fc.nat(500), (seed, least, more) => {
        const random = seededRandom(seed)
        const most = least + more
        for (let draw = 0; draw < 50; draw += 1) {
          const uniform = drawLength({ kind: 'uniform', least, most }, random)
          expect(uniform).toBeGreaterThanOrEqual(least)
          expect(uniform).toBeLessThanOrEqual(most)
          const skewed = drawLength({ kind: 'lognormal', median: least, sigma: 2, most }, random)
          expect(Number.isInteger(skewed) && skewed >= 1 && skewed <= most).toBe(true)
        }
      }),
    )
  })

  it('of a lognormal have its median', () => {
    const random = seededRandom(3)
    const draws = many(5000, () =>
      drawLength({ kind: 'lognormal', median: 100, sigma: 0.5, most: 9999 }, random),
    )
    expect(Math.abs(median(draws) - 100)).toBeLessThan(5)
  })
})

describe('percentiles', () => {
  it('lie in order between least and most, for any values', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ noNaN: true, min: -1e6, max: 1e6 }), { minLength: 1 }), (values) => {
        const { p50, p90, p95, p99, max } = summarize(values)!
        expect([p50, p90, p95, p99, max]).toEqual([p50, p90, p95, p99, max].sort((a, b) => a - b))
        expect(p50).toBeGreaterThanOrEqual(Math.min(...values))
        expect(max).toBe(Math.max(...values))
      }),
    )
  })

  it('of nothing are nothing', () => expect(summarize([])).toBeUndefined())
})
