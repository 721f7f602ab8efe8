import { describe, expect, it } from 'vitest'
import { formatMoney } from './money.ts'
import { dailyCurve, adjacentMonth, monthlyCurve, noUsage, totalOf } from './usage-figures.ts'

const used = { ...noUsage, requests: 2, promptTokens: 10, costMicros: 5 }

describe('usage as curves', () => {
  it('has every day of a month that is over, and of this one those up to today', () => {
    const rows = [{ of: '2026-02-03', ...used }]
    const whole = dailyCurve(rows, '2026-02', Date.UTC(2026, 5, 1))
    expect([whole.x.length, whole.rows[2]!.requests, whole.rows[3]!.requests]).toEqual([28, 2, 0])
    expect(dailyCurve(rows, '2026-02', Date.UTC(2026, 1, 5, 23)).x.length).toBe(5)
    expect(dailyCurve([], '2026-02', Date.UTC(2026, 0, 1)).x.length).toBe(1)
  })

  it('goes from month to month over years', () => {
    expect([adjacentMonth('2026-01', -1), adjacentMonth('2026-12', 1)]).toEqual(['2025-12', '2027-01'])
    expect(monthlyCurve([{ of: '2026-02', ...used }]).x).toEqual([Date.UTC(2026, 1, 1, 12)])
  })

  it('is summed', () => {
    expect(totalOf([used, used])).toEqual({ ...noUsage, requests: 4, promptTokens: 20, costMicros: 10 })
    expect(totalOf([])).toEqual(noUsage)
  })

  it('costs cents, and less than cents where there are none', () => {
    const say = (micros: number) => formatMoney(micros, 'EUR')
    expect([say(0), say(1_234_567), say(120), say(1_234_000_000)]).toEqual([
      '0.00 EUR',
      '1.23 EUR',
      '0.00012 EUR',
      '1,234.00 EUR',
    ])
  })
})
