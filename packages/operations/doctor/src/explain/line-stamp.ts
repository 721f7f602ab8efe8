/** The times that loggers write before a line, each with the clock it is read on. */

/**
 * `zoned`: milliseconds of the epoch. `zoneless`: those it would be in UTC. `yearless`: those it would be in UTC in the year 2000.
 * `uptime`: milliseconds since the machine started. `age`: of the epoch, counted back from when the text was taken.
 */
export type StampClock = 'zoned' | 'zoneless' | 'yearless' | 'uptime' | 'age'

export interface LineStamp {
  readonly clock: StampClock
  readonly millis: number
}

const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']

/** A leap year, so that 29 February is a day. */
const yearOfYearless = 2000

interface DateParts {
  readonly year?: string | undefined
  /** A number or a name. */
  readonly month: string
  readonly day: string
  /** `14:02:03`, with a fraction or without. */
  readonly time: string
  readonly zone?: string | undefined
}

/** Undefined for invalid dates: month 13, 25 o'clock. */
export function stampOf({ year, month, day, time, zone }: DateParts): LineStamp | undefined {
  const monthIndex = /^\d+$/.test(month) ? Number(month) - 1 : months.indexOf(month.slice(0, 3).toLowerCase())
  const [hours = Number.NaN, minutes = Number.NaN, seconds = 0] = time
    .replace(',', '.')
    .split(':')
    .map(Number)
  if (!(monthIndex >= 0 && monthIndex < 12 && hours < 24 && minutes < 60 && seconds < 61)) return undefined
  const dayOfMonth = Number(day)
  if (!(dayOfMonth >= 1 && dayOfMonth <= 31)) return undefined
  const millis =
    Date.UTC(Number(year ?? yearOfYearless), monthIndex, dayOfMonth, hours, minutes) +
    Math.floor(seconds * 1000)
  if (!Number.isFinite(millis)) return undefined
  if (year === undefined) return { clock: 'yearless', millis }
  const offset = zoneMinutes(zone)
  return offset === undefined
    ? { clock: 'zoneless', millis }
    : { clock: 'zoned', millis: millis - offset * 60_000 }
}

function zoneMinutes(zone: string | undefined): number | undefined {
  if (zone === undefined || zone === '') return undefined
  const found = /^([+-])(\d\d):?(\d\d)$/.exec(zone)
  if (found === null) return /^(?:Z|UTC|GMT)$/i.test(zone) ? 0 : undefined
  return (found[1] === '-' ? -1 : 1) * (Number(found[2]) * 60 + Number(found[3]))
}

/** Epoch seconds, milliseconds, microseconds or nanoseconds, detected by magnitude. */
export function epochStamp(value: number): LineStamp | undefined {
  for (const unit of [1000, 1, 1e-3, 1e-6]) {
    const millis = Math.floor(value * unit)
    if (millis >= minEpoch && millis < maxEpoch) return { clock: 'zoned', millis }
  }
  return undefined
}

const minEpoch = Date.UTC(2001, 0)
const maxEpoch = Date.UTC(2100, 0)

/** Parses a field that is a complete timestamp: ISO 8601, or an epoch number. */
export function stampOfField(value: unknown): LineStamp | undefined {
  if (typeof value === 'number') return epochStamp(value)
  if (typeof value !== 'string') return undefined
  if (/^\d{9,19}(?:\.\d+)?$/.test(value)) return epochStamp(Number(value))
  const found =
    /^(\d{4})[-/](\d\d)[-/](\d\d)[T ](\d\d:\d\d(?::\d\d(?:[.,]\d{1,9})?)?)\s?(Z|UTC|GMT|[+-]\d\d:?\d\d)?/i.exec(
      value,
    )
  if (found === null) return undefined
  return stampOf({ year: found[1], month: found[2]!, day: found[3]!, time: found[4]!, zone: found[5] })
}

/** The same moment in another year. */
export function inYear(millis: number, year: number): number {
  const date = new Date(millis)
  date.setUTCFullYear(year)
  return date.getTime()
}
