/** Load at a time of day as a share of the peak, from 0 to 1; and anomalies of the signals on such a day. */

import type { Sight } from '../replay/workload.ts'

export interface DayShape {
  /** One line for people. */
  readonly about: string
  /** `minute` of the day, `weekday` from 0 for Monday. Pure. */
  readonly share: (minute: number, weekday: number) => number
  /** Load of the last day only, which no earlier day had. */
  readonly surprise?: (minute: number) => number
  /** Times in the last day, in minutes. */
  readonly sights?: readonly (Omit<Sight, 'from' | 'until'> & {
    readonly from: number
    readonly until: number
  })[]
  /** How much it varies from minute to minute, as a share of itself. */
  readonly noise: number
  readonly days: number
}

const hours = (from: number, minutes = 0): number => from * 60 + minutes

/** Little at night, most at two in the afternoon. */
const daily = (minute: number): number => {
  const swing = Math.sin((Math.PI * (minute - hours(6))) / hours(16))
  return 0.12 + 0.88 * Math.max(0, minute < hours(6) || minute > hours(22) ? 0 : swing) ** 1.5
}

/** From nothing to all within two minutes at 14:02, for 20 minutes; then less and less. */
const flash = (minute: number): number => {
  const since = minute - hours(14, 2)
  if (since < 0) return 0
  if (since < 2) return since / 2
  return since < 22 ? 1 : Math.exp(-(since - 22) / 12)
}

export type DayName =
  | 'diurnal'
  | 'flash-crowd'
  | 'silent-exporter'
  | 'flapping'
  | 'steady'
  | 'lull'
  | 'office-hours'
  | 'week'
  | 'counter-reset'
  | 'clock-skew'

/**
 * The made-up days that scaling can be tried on, and what each is about.
 *
 * @example
 * ```ts
 * import { dayShapes } from '@hadal/fleet'
 *
 * dayShapes.diurnal.about // → 'low at night, peak at 14:00'
 * ```
 */
export const dayShapes: Readonly<Record<DayName, DayShape>> = {
  diurnal: {
    about: 'low at night, peak at 14:00',
    share: daily,
    noise: 0.06,
    days: 1,
  },
  'flash-crowd': {
    about: 'a quiet day; at 14:02 the load grows fivefold within two minutes, for 20 minutes',
    share: (minute) => 0.2 * daily(minute),
    surprise: (minute) => 0.85 * flash(minute),
    noise: 0.06,
    days: 1,
  },
  'silent-exporter': {
    about: 'a diurnal day; from 10:30 to 11:30 and from 15:00 on the GPU exporter is silent',
    share: daily,
    sights: [
      { from: hours(10, 30), until: hours(11, 30), signals: ['busy'], how: 'silent' },
      { from: hours(15), until: hours(24), signals: ['busy'], how: 'silent' },
    ],
    noise: 0.06,
    days: 1,
  },
  flapping: {
    about: 'five minutes of high load and five of low load, all day',
    share: (minute) => (minute % 10 < 5 ? 0.9 : 0.15),
    noise: 0.03,
    days: 1,
  },
  steady: {
    about: 'constant load with noise',
    share: () => 1,
    noise: 0.06,
    days: 1,
  },
  lull: {
    about: 'constant load, and a third of it from 12:00 to 13:00',
    share: (minute) => (minute >= hours(12) && minute < hours(13) ? 0.35 : 1),
    noise: 0.03,
    days: 1,
  },
  'office-hours': {
    about: 'no load from 19:00 to 7:30',
    share: (minute) => (minute < hours(7, 30) || minute >= hours(19) ? 0 : daily(minute)),
    noise: 0.06,
    days: 1,
  },
  week: {
    about: 'five diurnal days and a weekend with a third of the load',
    share: (minute, weekday) => daily(minute) * (weekday < 5 ? 1 : 0.35),
    noise: 0.06,
    days: 7,
  },
  'counter-reset': {
    about:
      'a diurnal day; at 9:00, 12:00, 15:00 and 18:00 the gateways restart: for two minutes no requests or queue are reported',
    share: daily,
    sights: [9, 12, 15, 18].flatMap((hour) => [
      { from: hours(hour), until: hours(hour, 2), signals: ['demand', 'backlog'], how: 'zero' },
      { from: hours(hour), until: hours(hour, 2), signals: ['latency'], how: 'nan' },
    ]),
    noise: 0.06,
    days: 1,
  },
  'clock-skew': {
    about:
      'a diurnal day; the clock of Prometheus is ten minutes behind from 10:00 to 12:00, and ten ahead from 15:00 to 17:00',
    share: daily,
    sights: [
      {
        from: hours(10),
        until: hours(12),
        signals: ['busy', 'backlog', 'latency', 'demand'],
        how: 'skewed',
        skewMillis: -600_000,
      },
      {
        from: hours(15),
        until: hours(17),
        signals: ['busy', 'backlog', 'latency', 'demand'],
        how: 'skewed',
        skewMillis: 600_000,
      },
    ],
    noise: 0.06,
    days: 1,
  },
}
