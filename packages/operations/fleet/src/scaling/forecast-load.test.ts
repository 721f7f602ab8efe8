import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { forecastLoad } from './forecast-load.ts'

const minute = 60_000
const day = 24 * 60 * minute
const now = 1_700_000_000_000

/** A sample each minute of the last `days` days. */
const history = (days: number, value: (at: number) => number) =>
  Array.from({ length: days * 24 * 60 + 1 }, (_, step) => {
    const at = now - days * day + step * minute
    return { at, value: value(at) }
  })
/** 100 at night, 400 from ten minutes after `now` on, for an hour. */
const morning = (at: number): number => {
  const ofDay = (((at - now) % day) + day) % day
  return ofDay >= 10 * minute && ofDay <= 70 * minute ? 400 : 100
}

describe('a forecast of load', () => {
  it('knows the morning of yesterday before it comes', () => {
    expect(forecastLoad(history(3, morning), now, 10 * minute)).toEqual({
      busyPercent: 400,
      why: 'as yesterday at this time, 1.00 times as much',
    })
    expect(forecastLoad(history(3, morning), now, minute)?.busyPercent).toBe(100)
  })

  it('goes by how much more there is today', () => {
    const doubled = (at: number): number => morning(at) * (at > now - 2 * 60 * minute ? 1.5 : 1)
    const forecast = forecastLoad(history(3, doubled), now, 10 * minute)
    expect(forecast?.busyPercent).toBeCloseTo(400 * (175 / 125), 6)
  })

  it('does not doubt a morning at the moment it begins', () => {
    const night = (at: number): number => (at < now ? 0 : 400)
    const history = [1, 0].flatMap((back) =>
      Array.from({ length: 90 }, (_, step) => {
        const at = now - back * day - (89 - step) * 15_000
        // Yesterday it had begun by then; of today that is not known yet.
        return { at, value: back === 1 ? night(at + day) : 0 }
      }),
    )
    expect(forecastLoad(history, now, minute)).toMatchObject({ busyPercent: 400 })
  })

  it('takes the same weekday once there is one', () => {
    const weekly = (at: number): number =>
      Math.floor((at - now + 70 * day) / day) % 7 === 0 ? morning(at) : 20
    expect(forecastLoad(history(8, weekly), now, 10 * minute)?.why).toContain('7 days ago')
  })

  it.each([1, 2, 3, 4, 5, 6, 7, 14, 21, 28])('knows the day of %i days ago', (back) => {
    const known = history(29, morning).filter(
      ({ at }) => at > now - day / 2 || Math.abs(at - now + back * day) < day / 2,
    )
    const when = back === 1 ? 'yesterday' : `${back} days ago`
    expect(forecastLoad(known, now, 10 * minute)?.why).toContain(when)
  })

  it('does not go by the day of 8 days ago', () => {
    const known = history(9, morning).filter(({ at }) => at > now - day / 2 || at < now - 7.5 * day)
    expect(forecastLoad(known, now, 10 * minute)).toBeUndefined()
  })

  it('foresees nothing to do where there was nothing', () => {
    expect(
      forecastLoad(
        history(3, () => 0),
        now,
        minute,
      )?.busyPercent,
    ).toBe(0)
  })

  it('needs three samples of the last half hour, without the last minute', () => {
    const yesterday = history(2, morning).filter(({ at }) => at <= now - day / 2)
    const today = (...minutesAgo: number[]) =>
      forecastLoad(
        [...yesterday, ...minutesAgo.map((ago) => ({ at: now - ago * minute, value: 100 }))],
        now,
        10 * minute,
      )
    expect(today(30, 10, 1)?.busyPercent).toBe(400)
    expect(today(31, 10, 1)).toBeUndefined()
    expect(today(30, 10, 0.5)).toBeUndefined()
    expect(today(30, 10)).toBeUndefined()
  })

  it('says nothing of a day it does not know, or of a today it does not see', () => {
    expect(forecastLoad([], now, minute)).toBeUndefined()
    expect(forecastLoad(history(0.5, morning), now, minute)).toBeUndefined()
    const silent = history(3, morning).filter(({ at }) => at < now - 60 * minute)
    expect(forecastLoad(silent, now, minute)).toBeUndefined()
  })

  it('is never more than twice what there was, nor less than nothing', () => {
    const samples = fc.array(
      fc.record({
        at: fc.integer({ min: now - 8 * day, max: now }),
        value: fc.double({ min: 0, max: 1e4, noNaN: true }),
      }),
      { maxLength: 300 },
    )
    fc.assert(
      fc.property(samples, fc.nat(30 * minute), (drawn, lead) => {
        const sorted = drawn.toSorted((a, b) => a.at - b.at)
        const forecast = forecastLoad(sorted, now, lead)
        if (forecast === undefined) return
        const most = Math.max(...sorted.map(({ value }) => value))
        expect(forecast.busyPercent).toBeGreaterThanOrEqual(0)
        expect(forecast.busyPercent).toBeLessThanOrEqual(2 * most)
      }),
    )
  })
})
