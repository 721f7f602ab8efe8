import { seededRandom } from '@hadal/base'
import { describe, expect, it } from 'vitest'
import { gamma } from './random.ts'
import { type Arrivals, drawTraffic, hasten } from './traffic.ts'

const sorts = [
  { share: 3, kind: 'generate', promptTokens: { kind: 'fixed', tokens: 10 }, keys: { a: 9, b: 1 } },
  { share: 1, kind: 'embed', promptTokens: { kind: 'fixed', tokens: 5 }, prefixes: { count: 4, tokens: 20 } },
] as const
const draw = (arrivals: Arrivals, requests = 40_000) => [
  ...drawTraffic({ arrivals, sorts, requests, seed: 3 }),
]

/** Index of dispersion of the arrivals per second: variance divided by mean, 1 for Poisson. */
function dispersion(arrivals: Arrivals): number {
  const traffic = draw(arrivals)
  const counts = new Array(Math.floor(traffic.at(-1)!.arrivalMillis / 1000)).fill(0)
  for (const { arrivalMillis } of traffic)
    if (arrivalMillis < counts.length * 1000) counts[Math.floor(arrivalMillis / 1000)] += 1
  const mean = counts.reduce((sum, count) => sum + count, 0) / counts.length
  return counts.reduce((sum, count) => sum + (count - mean) ** 2, 0) / counts.length / mean
}

const all: [string, Arrivals, (dispersion: number) => void][] = [
  ['Poisson', { kind: 'poisson', requestsPerSecond: 20 }, (value) => expect(value).toBeCloseTo(1, 0)],
  [
    'Gamma',
    { kind: 'gamma', requestsPerSecond: 20, variation: 3 },
    (value) => expect(value).toBeGreaterThan(4),
  ],
  [
    'bursts',
    { kind: 'bursts', requestsPerSecond: 20, burstMillis: 2000, silenceMillis: 6000 },
    (value) => expect(value).toBeGreaterThan(20),
  ],
  [
    'a day',
    { kind: 'diurnal', requestsPerSecond: 20, swing: 0.8, periodMillis: 60_000 },
    (value) => expect(value).toBeGreaterThan(4),
  ],
]

describe.each(all)('%s', (_, arrivals, isAsBursty) => {
  it('has its mean rate, in order', () => {
    const traffic = draw(arrivals)
    const seconds = traffic.at(-1)!.arrivalMillis / 1000
    expect(traffic.length / seconds / 20).toBeGreaterThan(0.85)
    expect(traffic.length / seconds / 20).toBeLessThan(1.15)
    for (let index = 1; index < traffic.length; index += 1)
      expect(traffic[index]!.arrivalMillis >= traffic[index - 1]!.arrivalMillis).toBe(true)
  })

  it('is as bursty as it should be', () => isAsBursty(dispersion(arrivals)))
})

describe('drawn requests', () => {
  const arrivals: Arrivals = { kind: 'poisson', requestsPerSecond: 10 }

  it('are mixed by their shares, keys by their weights, beginnings the first most often', () => {
    const traffic = draw(arrivals)
    const share = (is: (each: (typeof traffic)[number]) => boolean) =>
      traffic.filter(is).length / traffic.length
    expect(share(({ kind }) => kind === 'embed')).toBeCloseTo(0.25, 1)
    expect(share(({ key }) => key === 'b')).toBeCloseTo(0.075, 1)
    expect(share(({ prefix }) => prefix?.id === '20/0')).toBeCloseTo(0.25 / (1 + 1 / 2 + 1 / 3 + 1 / 4), 1)
    expect(traffic.find(({ prefix }) => prefix !== undefined)!.promptTokens).toBe(25)
  })

  it('are the same each time, and whatever the arrivals', () => {
    const traffic = drawTraffic({ arrivals, sorts, requests: 50, seed: 1 })
    const other = drawTraffic({
      arrivals: { kind: 'gamma', requestsPerSecond: 1, variation: 2 },
      sorts,
      requests: 50,
      seed: 1,
    })
    expect([...traffic]).toEqual([...traffic])
    const withoutTimes = (each: typeof traffic) => [...each].map(({ arrivalMillis: _, ...rest }) => rest)
    expect(withoutTimes(traffic)).toEqual(withoutTimes(other))
  })

  it('come faster when hastened', () => {
    const traffic = drawTraffic({ arrivals, sorts, requests: 5, seed: 1 })
    const times = [...traffic].map(({ arrivalMillis }) => arrivalMillis / 4)
    expect([...hasten(traffic, 4)].map(({ arrivalMillis }) => arrivalMillis)).toEqual(times)
  })
})

it.each([0.25, 1, 9])('Gamma of shape %d has mean 1 and variance 1 / shape', (shape) => {
  const random = seededRandom(5)
  const draws = Array.from({ length: 50_000 }, () => gamma(random, shape))
  const mean = draws.reduce((sum, value) => sum + value, 0) / draws.length
  const variance = draws.reduce((sum, value) => sum + (value - mean) ** 2, 0) / draws.length
  expect(Math.abs(mean - 1)).toBeLessThan(0.05)
  expect(variance * shape).toBeGreaterThan(0.9)
  expect(variance * shape).toBeLessThan(1.1)
})
