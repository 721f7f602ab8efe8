import { createStyle, lineChart, niceCeiling } from '@hadal/output'
import { describe, expect, it } from 'vitest'
import { htmlReport } from './html-report.ts'
import { reportLevel } from './level-report.ts'
import type { LoadReport } from './run-load.ts'
import { textReport } from './text-report.ts'

const measurement = (ttftMillis: number, error?: string) => ({
  ttftMillis,
  e2eMillis: ttftMillis * 3,
  gapsMillis: [5, 7],
  promptTokens: 8,
  cachedTokens: 0,
  completionTokens: 3,
  tokensFrom: 'usage' as const,
  error,
})
const level = (concurrency: number, errors: (string | undefined)[]) =>
  reportLevel(
    { kind: 'closed', concurrency },
    {
      measurements: errors.map((error, index) => measurement(100 + index, error)),
      wallMillis: 1000,
      peakConcurrency: concurrency,
    },
  )
const report: LoadReport = {
  target: { url: 'http://127.0.0.1:1/v1', model: '<nano> & co', endpoint: 'chat', timeoutMillis: 1 },
  plan: {
    loads: [],
    promptTokens: { kind: 'uniform', least: 3, most: 9 },
    outputTokens: { kind: 'lognormal', median: 4, sigma: 0.5, most: 64 },
    sharedPrefixTokens: 16,
    warmUpRequests: 0,
    seed: 5,
  },
  tokenScale: { tokensPerWord: 1, overheadTokens: 0 },
  startedAt: '2026-01-01T00:00:00.000Z',
  partial: false,
  levels: [
    level(1, [undefined, undefined]),
    level(8, [undefined, 'queue_full', 'queue_full']),
    level(16, ['timeout']),
  ],
}

describe('the report for the terminal', () => {
  const text = textReport(report, createStyle(false))

  it('has a row for each level, bars, and the errors', () => {
    expect(text).toMatchInlineSnapshot(`
      "load        req/s  tokens/s  TTFT p50  p90  p99  ITL p50   p99  E2E p50  p99  failed
      1 client     2.00      6.00       101  101  101     6.00  7.00      302  303       0
      8 clients    1.00      3.00       100  100  100     6.00  6.98      300  300       2
      16 clients      0         0         -    -    -        -     -        -    -       1
      times in milliseconds

      output tokens per second
        1 client  ████████████████████████████████████████ 6.00
       8 clients  ████████████████████ 3.00
      16 clients   0

      time to first token, p99, ms
        1 client  ████████████████████████████████████████ 101
       8 clients  ███████████████████████████████████████▋ 100
      16 clients   0

      8 clients: 2 queue_full
      16 clients: 1 timeout"
    `)
  })

  it('without colour has no escapes', () => expect(text).not.toContain('\u001b'))
})

describe('the report as a page', () => {
  const page = htmlReport(report, '1.2.3')

  it('needs nothing from elsewhere and runs nothing', () => {
    expect(page).not.toMatch(/<script|<link|<img|src=|url\(|@import|https?:\/\/(?!127)/)
  })

  it('escapes what came from the server', () => {
    expect(page).not.toContain('<nano>')
    expect(page).toContain('&#60;nano&#62; &#38; co')
  })

  it('has a chart for throughput and three for latency, and the numbers', () => {
    expect(page.match(/<svg /g)).toHaveLength(4)
    expect(page).toContain('8 clients: 3 output tokens/s (output tokens/s)')
    expect(page).toContain('prompts of uniform 3 to 9 tokens')
    expect(page).toContain('<td>2 queue_full</td>')
    expect(page).not.toContain('NaN')
  })
})

it('regression: both reports say that they are partial, and only then', () => {
  const plan = {
    ...report.plan,
    loads: [1, 8, 16, 32].map((concurrency) => ({ kind: 'closed', concurrency }) as const),
  }
  const cut = { ...report, plan, partial: true }
  const said = 'partial: stopped in level 3 of 4 (16 clients)'
  expect(textReport(cut, createStyle(false))).toContain(`\n\n${said}`)
  expect(htmlReport(cut, '1.2.3')).toContain(said)
  for (const whole of [textReport(report, createStyle(false)), htmlReport(report, '1.2.3')])
    expect(whole).not.toContain('partial')
})

describe('a chart', () => {
  it.each([
    [0, 1],
    [0.7, 0.8],
    [3.5, 4],
    [101, 150],
    [210, 250],
    [271, 300],
    [9999, 10_000],
  ])('for values up to %d ends at %d', (value, ceiling) => expect(niceCeiling(value)).toBe(ceiling))

  it('moves names apart that would lie on each other', () => {
    const series = ['p50', 'p99'].map((name) => ({ name, values: [7, 8] }))
    const svg = lineChart({ categories: ['1', '2'], unit: 'ms', series })
    const heights = [...svg.matchAll(/<text class="s\d" x="\d+" y="([\d.]+)"/g)].map((match) =>
      Number(match[1]),
    )
    expect(Math.abs(heights[0]! - heights[1]!)).toBe(14)
  })

  it('of one point stands in the middle and stays inside', () => {
    const svg = lineChart({ categories: ['1'], unit: 'ms', series: [{ name: 'p50', values: [7] }] })
    expect(svg).toContain('cx="244"')
    for (const [, y] of svg.matchAll(/cy="([\d.]+)"/g)) expect(Number(y)).toBeLessThan(240)
  })
})
