import { createStyle } from '@hadal/output'
import { describe, expect, it } from 'vitest'
import type { Knobs } from './knobs.ts'
import type { Point, TuneReport, Validation } from './tune-plan.ts'
import { describeSlo, isUnkept, tuneHtml, tuneText } from './tune-report.ts'

const knobs: Knobs = {
  maxBatchSize: 8,
  maxBatchTokens: 512,
  maxPrefillTokensWhileDecoding: 64,
  timeoutMicros: 2000,
  threads: 2,
  contextLength: 512,
  speculation: 'off',
}
const tuned: Point = { name: 'tuned', knobs, foreseen: undefined }
const none = { ttftMillis: undefined, itlMillis: undefined, e2eMillis: undefined, embedMillis: undefined }
const attempt = (broken: Validation['attempts'][number]['broken']): Validation['attempts'][number] => ({
  offered: 12,
  report: { requests: 20, done: 19, errors: {}, wallMillis: 1000, requestsPerSecond: 9.5, ...none },
  broken,
})
const step = { perStep: 1, perDecodeToken: 2, perPrefillToken: 0.5, perAttendedToken: 0.001 }
const report: TuneReport = {
  costs: [{ threads: 2, step, medianError: 0.1 }],
  slowdown: 1.25,
  machine: { threads: [2], cells: 4096, guesses: undefined, maxPassTokens: 256, isEncoder: false },
  slo: { ttftMillis: 500, embedMillis: 300 },
  points: [{ ...tuned, name: '<as it is>' }, tuned],
  tried: 30,
  validations: [],
  promises: [100, 200, 300, 500, 1000, 2000],
  frontier: [
    { name: '<as it is>', requestsPerSecond: [0, 1, 2, 3, 4, 5] },
    { name: 'tuned', requestsPerSecond: [1, 2, 3, 4, 5, 6] },
  ],
  best: tuned,
}
const style = createStyle(false)

describe('what hadal tune found', () => {
  it('is reported in words, tables and bars', () => {
    const text = tuneText(report, style)
    expect(text).toContain('2 threads: 1 ms per step, 2 per decode token, 0.5 per prompt token, 1 per 1000')
    expect(text).toContain('under real load, steps take 1.25 times as long')
    expect(text).toMatch(/tuned +8 +512 +64 +2 ms +2 +512 +off +cannot meet SLO/)
    expect(text).toMatch(/2000 ms +<as it is> +█{30} 5\.00\n +tuned +█{36} 6\.00/)
    expect(text).not.toContain('real load  ')
    expect(describeSlo(report.slo)).toBe('99 of 100 first tokens within 500 ms, embeddings within 300 ms')
  })

  it('says what was not kept under real load, and where nothing was', () => {
    const broken = [{ name: 'time to first token', value: 812, most: 500 }]
    const unkept = { ...tuned, attempts: [attempt(broken)], kept: 0 }
    const text = tuneText({ ...report, validations: [unkept] }, style)
    expect(text).toMatch(/tuned +12\.0 +9\.50 +- +- +- +1 +time to first token 812/)
    expect(text).toContain('No settings met the SLO under real load')
    expect(isUnkept({ ...report, validations: [unkept] })).toBe(true)
    expect(isUnkept({ ...report, validations: [] })).toBe(false)
    const kept = { ...tuned, attempts: [attempt(broken), attempt([])], kept: 9.5 }
    expect(tuneText({ ...report, validations: [unkept, kept] }, style)).not.toContain('No settings met')
    expect(isUnkept({ ...report, validations: [unkept, kept] })).toBe(false)
  })

  it('is a page that needs nothing else', () => {
    const page = tuneHtml(report, '<nano>', '1.2.3')
    expect(page).not.toMatch(/<script|<link|<nano>|<as it is>|NaN|undefined/)
    expect(page.match(/<polyline /g)).toHaveLength(2)
  })
})
