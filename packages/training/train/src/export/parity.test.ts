import { describe, expect, it } from 'vitest'
import { compareLogits, type LogitDifference } from './compare-logits.ts'
import { describeParity, judgeParity, parityLimits } from './parity.ts'

const subject = {
  format: 'gguf',
  precision: 'Q8_0',
  model: 'small',
  readBy: 'llama.cpp',
  vocabulary: 3,
} as const

const found = (changed: Partial<LogitDifference> = {}): LogitDifference => ({
  tokens: 40,
  maxDifference: 0.2,
  meanDifference: 0.02,
  maxDivergence: 0.01,
  meanDivergence: 0.001,
  agreement: 1,
  ...changed,
})
const judge = (changed: Partial<LogitDifference> = {}) =>
  judgeParity(subject, { prompts: [{ name: 'sea', ...found(changed) }], overall: found(changed) })

describe('judgeParity', () => {
  it('passes within the limits, and up to them', () => {
    expect(judge()).toMatchObject({ verdict: 'pass', issues: [], limits: parityLimits.Q8_0 })
    expect(judge(parityLimits.Q8_0).verdict).toBe('pass')
  })

  it.each([
    ['the mean divergence is 0.00700, above 0.006', { meanDivergence: 0.007 }],
    ['the largest divergence is 0.500, above 0.3', { maxDivergence: 0.5 }],
    ['80.0 % of likeliest tokens are the same, below 90.0 %', { agreement: 0.8 }],
    ['no token was compared', { tokens: 0 }],
    ['the mean divergence is NaN, above 0.006', { meanDivergence: Number.NaN }],
  ])('fails: %s', (issue, changed) => {
    expect(judge(changed)).toMatchObject({ verdict: 'fail', issues: [issue] })
  })

  it('holds an adapter to a share of what it changes, and to the usual limits', () => {
    const comparison = (meanDivergence: number) => ({ prompts: [], overall: found({ meanDivergence }) })
    const beside = (mean: number, without: number) =>
      judgeParity(subject, comparison(mean), found({ meanDivergence: without }))
    expect(beside(9e-5, 0.01)).toMatchObject({ verdict: 'pass', withoutAdapter: { meanDivergence: 0.01 } })
    expect(beside(2e-4, 0.01).issues).toEqual(['the mean divergence is 0.000200, above 0.0001'])
    expect(beside(0.007, 10).issues).toEqual(['the mean divergence is 0.00700, above 0.006'])
    expect(beside(0, Number.NaN).verdict).toBe('fail')
    // An adapter without effect yet is limited by the rounding of the same sum.
    expect([beside(1e-9, 0).verdict, beside(1e-7, 0).verdict]).toEqual(['pass', 'fail'])
    expect(describeParity(beside(0, 0.01))).toContain(
      '| without the adapter | 40 | 0.200 | 0.0200 | 0.0100 | 0.0100 |',
    )
  })

  it('fails where there was nothing to compare', () => {
    expect(judgeParity(subject, compareLogits([], 3)).verdict).toBe('fail')
  })

  it('allows more to fewer bits', () => {
    const order = ['F32', 'F16', 'BF16', 'Q8_0', 'Q4_K', 'Q4_0'] as const
    const limits = order.map((precision) => parityLimits[precision])
    for (const [index, limit] of limits.slice(1).entries()) {
      expect(limit.meanDivergence).toBeGreaterThan(limits[index]!.meanDivergence)
      expect(limit.maxDivergence).toBeGreaterThanOrEqual(limits[index]!.maxDivergence)
      expect(limit.agreement).toBeLessThan(limits[index]!.agreement)
    }
  })
})

it('describeParity says what was compared, how far apart it is and what is wrong', () => {
  const text = describeParity(judge({ maxDivergence: 0.5 }))
  expect(text).toContain('# small as gguf, Q8_0: fail')
  expect(text).toContain('| sea | 40 | 0.200 | 0.0200 | 0.500 | 0.00100 | 100.0 % |')
  expect(text).toContain('| limits | | | | 0.3 | 0.006 | 90.0 % |')
  expect(text).toContain('- the largest divergence is 0.500, above 0.3')
  expect(describeParity(judge())).not.toContain('\n- ')
})
