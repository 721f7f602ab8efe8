/**
 * Forecasts load from the same time of earlier days: a seasonal naive forecast, scaled by today's ratio to those days
 * (https://otexts.com/fpp3/simple-methods.html#seasonal-naïve-method). Pure. It adds engines earlier and keeps them; it never
 * removes one.
 */

import type { Forecast } from './observation.ts'

/** Values of `busyPercent`, in order of time; gaps are allowed. */
export type LoadHistory = readonly { readonly at: number; readonly value: number }[]

const minute = 60_000
const day = 24 * 60 * minute
/** Weekdays differ from Sundays: once there are weeks, weeks count. */
const weeksBack: readonly number[] = [7, 14, 21, 28]
const daysBack: readonly number[] = [1, 2, 3, 4, 5, 6]
/** What today is compared by, and how much of it has to be there. The last minute is not: today's may not be known yet. */
const recentMillis = 30 * minute
const unsettledMillis = minute
/** Percent of an engine added to both sides: ratios of near-zero values are noise. */
const background = 25
const [minRatio, maxRatio] = [0.5, 2]
const minSamples = 3

/**
 * `busyPercent` in `leadMillis`: of each earlier day the most there was around that time, times how much more or less there is today,
 * and of these the median. Undefined where no earlier day is known, or today is not.
 *
 * @example
 * ```ts
 * import { forecastLoad } from '@hadal/fleet'
 *
 * const minute = 60_000
 * const history = Array.from({ length: 48 * 60 }, (_, index) => ({ at: index * minute, value: index % 1440 > 720 ? 80 : 20 })) // two days
 * const forecast = forecastLoad(history, 48 * 60 * minute, 5 * minute)
 * console.log(forecast?.busyPercent, forecast?.why)
 * ```
 */
export function forecastLoad(history: LoadHistory, now: number, leadMillis: number): Forecast | undefined {
  const today = meanOf(history, now - recentMillis, now - unsettledMillis)
  if (today === undefined) return undefined
  const like = (back: number): EarlierDay | undefined => earlierDay(history, now, leadMillis, back, today)
  const weeks = weeksBack.flatMap((back) => like(back) ?? [])
  const days = weeks.length > 0 ? weeks : daysBack.flatMap((back) => like(back) ?? [])
  if (days.length === 0) return undefined
  const sorted = days.toSorted((a, b) => a.busyPercent - b.busyPercent)
  const { busyPercent, back, ratio } = sorted[Math.floor((sorted.length - 1) / 2)]!
  const when = back === 1 ? 'yesterday' : `${back} days ago`
  return { busyPercent, why: `as ${when} at this time, ${ratio.toFixed(2)} times as much` }
}

interface EarlierDay {
  readonly back: number
  readonly busyPercent: number
  readonly ratio: number
}

function earlierDay(
  history: LoadHistory,
  now: number,
  leadMillis: number,
  back: number,
  today: number,
): EarlierDay | undefined {
  const then = now - back * day
  const before = meanOf(history, then - recentMillis, then - unsettledMillis)
  const aroundMillis = Math.max(5 * minute, leadMillis / 2)
  const most = maxIn(history, then + leadMillis - aroundMillis, then + leadMillis + aroundMillis)
  if (before === undefined || most === undefined) return undefined
  const compared = (today + background) / (before + background)
  const ratio = Math.min(maxRatio, Math.max(minRatio, compared))
  return { back, busyPercent: most * ratio, ratio }
}

function meanOf(history: LoadHistory, from: number, to: number): number | undefined {
  let [sum, count] = [0, 0]
  for (let at = firstFrom(history, from); at < history.length && history[at]!.at <= to; at += 1) {
    sum += history[at]!.value
    count += 1
  }
  return count < minSamples ? undefined : sum / count
}

function maxIn(history: LoadHistory, from: number, to: number): number | undefined {
  let most: number | undefined
  for (let at = firstFrom(history, from); at < history.length && history[at]!.at <= to; at += 1)
    most = Math.max(most ?? 0, history[at]!.value)
  return most
}

/** Index of the first sample at `from` or later. */
function firstFrom(history: LoadHistory, from: number): number {
  let [low, high] = [0, history.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (history[middle]!.at < from) low = middle + 1
    else high = middle
  }
  return low
}
