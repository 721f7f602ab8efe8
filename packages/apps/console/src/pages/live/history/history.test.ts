import { parseMetricsText } from '@hadal/protocol'
import { describe, expect, it } from 'vitest'
import { quantile, since } from './histogram.ts'
import { History, levels, spans } from './history.ts'
import { readSample, type Sample } from './read-sample.ts'

const infinite = Number.POSITIVE_INFINITY

describe('a histogram', () => {
  const before = { edges: [0.1, 0.5, infinite], counts: [10, 20, 20] }
  const now = { edges: [0.1, 0.5, infinite], counts: [20, 30, 31] }

  it('gives the quantiles of what came between two looks', () => {
    const window = since(before, now)
    expect(window.counts).toEqual([10, 10, 11])
    expect(quantile(window, 0.5)).toBeCloseTo(0.055)
    expect(quantile({ edges: [0.1, 0.5, infinite], counts: [0, 10, 10] }, 0.5)).toBeCloseTo(0.3)
    // Beyond the last edge nothing is known but that edge.
    expect(quantile({ edges: [0.1, 0.5, infinite], counts: [0, 0, 4] }, 0.99)).toBe(0.5)
    expect(quantile({ edges: [0.1, infinite], counts: [0, 0] }, 0.5)).toBeUndefined()
  })

  it('begins anew with the server', () => {
    expect(since(now, before)).toBe(before)
    expect(since(undefined, now)).toBe(now)
  })
})

const text = (tokens: number, first: number): string =>
  [
    `vllm:generation_tokens_total{model_name="a"} ${tokens}`,
    `vllm:generation_tokens_total{model_name="b"} 7`,
    `vllm:num_requests_running{model_name="a"} 3`,
    `vllm:time_to_first_token_seconds_bucket{model_name="a",le="+Inf"} ${first}`,
    `vllm:time_to_first_token_seconds_bucket{model_name="a",le="0.1"} ${first}`,
    'vllm:kv_cache_usage_perc{model_name="a"} NaN',
  ].join('\n')

const sampleAt = (at: number, tokens: number, first: number): Sample =>
  readSample(parseMetricsText(text(tokens, first)).samples, 'a', at)

describe('the history of a model', () => {
  it('has rates and quantiles between looks, of this model alone', () => {
    const history = new History()
    history.add(sampleAt(0, 100, 0))
    history.add(sampleAt(2000, 150, 10))
    const [point] = history.points('5m')
    expect(point).toMatchObject({ at: 2000, newTokensRate: 25, running: 3, kvCacheUsage: 0 })
    expect(point!.p50.ttft).toBeCloseTo(50)
    expect(point!.p99.itl).toBeNull()
  })

  it('has a gap where the server began anew, or was away', () => {
    const history = new History()
    history.add(sampleAt(0, 100, 5))
    history.add(sampleAt(2000, 3, 0))
    history.add(sampleAt(4000, 13, 1))
    history.add(sampleAt(60_000, 20, 1))
    expect(history.points('5m').map(({ newTokensRate }) => newTokensRate)).toEqual([null, 5, null])
  })

  it('goes on over the looks of a hidden tab, and after the clock of this machine was set back', () => {
    const history = new History()
    for (let minute = 0; minute <= 10; minute += 1)
      history.add(sampleAt(1e9 + minute * 61_000, minute * 610, minute))
    expect(history.points('1h').map(({ newTokensRate }) => newTokensRate)).toEqual(Array(10).fill(10))
    expect(history.points('1h').at(-1)!.p50.ttft).toBeCloseTo(50)
    for (let at = 0; at <= 40_000; at += 20_000) history.add(sampleAt(at, 10_000 + at / 100, 20))
    expect(history.points('1h').map(({ at, newTokensRate }) => [at, newTokensRate])).toEqual([
      [20_000, 10],
      [40_000, 10],
    ])
  })

  it('says nothing where only the last bucket is known', () => {
    const history = new History()
    const one = sampleAt(0, 0, 0)
    const ttft = (count: number) => ({ edges: [infinite], counts: [count] })
    history.add({ ...one, histograms: { ttft: ttft(0) } })
    history.add({ ...one, at: 2000, histograms: { ttft: ttft(5) } })
    expect(history.points('5m')[0]!.p50.ttft).toBeNull()
  })

  it('shows the first minutes of a day at once, and each time once', () => {
    const history = new History()
    for (let at = 0; at <= 330_000; at += 2000) history.add(sampleAt(at, at / 10, 0))
    const times = history.points('24h').map(({ at }) => at)
    expect(times.slice(0, 3)).toEqual([300_000, 320_000, 322_000])
    expect(times).toEqual([...new Set(times)].sort((one, other) => one - other))
    expect(history.points('24h')).toBe(history.points('24h'))
    const young = new History()
    for (let at = 0; at <= 4000; at += 2000) young.add(sampleAt(at, at / 10, 0))
    expect(young.points('24h').map(({ newTokensRate }) => newTokensRate)).toEqual([100, 100])
  })

  it('is bounded, however long the page is open', () => {
    const history = new History()
    const day = 24 * 3600 * 1000
    const one = sampleAt(0, 0, 0)
    for (let at = 0; at < 1.1 * day; at += 2000)
      history.add({ ...one, at, counters: { ...one.counters, newTokens: at / 10 } })
    for (const span of spans) {
      const points = history.points(span)
      // Behind the last of a day or an hour are the finer ones of the minutes since.
      expect(points.length).toBeGreaterThanOrEqual(levels[span].points)
      expect(points.length).toBeLessThan(levels[span].points + 30)
      expect(points.at(-1)!.newTokensRate).toBeCloseTo(100)
    }
    const dayOfPoints = history.points('24h')
    const last = dayOfPoints[levels['24h'].points - 1]!
    expect(last.at - dayOfPoints[0]!.at).toBe(day - levels['24h'].everyMillis)
  })
})
