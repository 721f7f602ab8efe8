/** Numbers with their units, as the chosen language writes them. */

import { language } from '../messages/language.ts'

/** A formatter is dear to make: one for each language. */
function inLanguage(make: (locale: string) => (value: number) => string): (value: number) => string {
  const made = new Map<string, (value: number) => string>()
  return (value) => {
    const now = language.get()
    let format = made.get(now)
    if (format === undefined) {
      format = make(now === 'zh' ? 'zh-CN' : 'en-GB')
      made.set(now, format)
    }
    return format(value)
  }
}

const numbers = (options: Intl.NumberFormatOptions): ((value: number) => string) =>
  inLanguage((locale) => new Intl.NumberFormat(locale, options).format)

const times = (options: Intl.DateTimeFormatOptions): ((value: number) => string) =>
  inLanguage((locale) => new Intl.DateTimeFormat(locale, options).format)

const short = numbers({ maximumSignificantDigits: 3 })
const whole = numbers({ maximumFractionDigits: 0 })
const percent = numbers({ style: 'percent', maximumFractionDigits: 1 })

/** `–` for NaN. */
const orDash =
  (format: (value: number) => string) =>
  (value: number | undefined | null): string =>
    value === undefined || value === null || !Number.isFinite(value) ? '–' : format(value)

/** `0.8 ms`, `45 ms`, `2.3 s`, `4 min 5 s`, `3 h 12 min`. */
export const formatMillis: (value: number | undefined | null) => string = orDash((millis) => {
  if (millis < 999.5) return `${short(millis)} ms`
  if (millis < 59_950) return `${short(millis / 1000)} s`
  const seconds = Math.round(millis / 1000)
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return `${minutes} min ${seconds % 60} s`
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`
})

export const formatCount: (value: number | undefined | null) => string = orDash((value) =>
  Math.abs(value) < 1000 && !Number.isInteger(value) ? short(value) : whole(value),
)

/** Formats a share from 0 to 1. */
export const formatPercent: (value: number | undefined | null) => string = orDash(percent)

/** `512 B`, `1.2 GiB`. */
export const formatBytes: (value: number | undefined | null) => string = orDash((bytes) => {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB']
  let power = 0
  while (power < units.length - 1 && Math.abs(bytes) >= 1024 ** (power + 1)) power++
  return `${short(bytes / 1024 ** power)} ${units[power]}`
})

const clock: Intl.DateTimeFormatOptions = { hour: '2-digit', minute: '2-digit', second: '2-digit' }
const timeOfDay = times(clock)
const dateAndTime = times({ month: 'short', day: 'numeric', ...clock })

/** A moment of today by its time, another by its date. */
export function formatTime(millis: number): string {
  const isToday = new Date(millis).toDateString() === new Date().toDateString()
  return (isToday ? timeOfDay : dateAndTime)(millis)
}
