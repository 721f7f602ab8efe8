/** Numbers with their units, as the chosen language writes them. */

import { language } from '../messages/language.ts'

const numbers = (options: Intl.NumberFormatOptions): ((value: number) => string) => {
  const made = new Map<string, Intl.NumberFormat>()
  return (value) => {
    const now = language.get()
    let format = made.get(now)
    if (format === undefined) {
      format = new Intl.NumberFormat(now === 'zh' ? 'zh-CN' : 'en', options)
      made.set(now, format)
    }
    return format.format(value)
  }
}

const short = numbers({ maximumSignificantDigits: 3 })
const whole = numbers({ maximumFractionDigits: 0 })
const percent = numbers({ style: 'percent', maximumFractionDigits: 1 })

/** `–` for what is not a number. */
const orDash =
  (format: (value: number) => string) =>
  (value: number | undefined | null): string =>
    value === undefined || value === null || !Number.isFinite(value) ? '–' : format(value)

/** `0.8 ms`, `45 ms`, `2.3 s`, `4 min 5 s`, `3 h 12 min`. */
export const formatMillis: (value: number | undefined | null) => string = orDash((millis) => {
  if (millis < 1000) return `${short(millis)} ms`
  if (millis < 60_000) return `${short(millis / 1000)} s`
  const minutes = Math.floor(millis / 60_000)
  if (minutes < 60) return `${minutes} min ${Math.round((millis % 60_000) / 1000)} s`
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`
})

export const formatCount: (value: number | undefined | null) => string = orDash((value) =>
  Math.abs(value) < 1000 && !Number.isInteger(value) ? short(value) : whole(value),
)

/** Of a share from 0 to 1. */
export const formatPercent: (value: number | undefined | null) => string = orDash(percent)

/** `512 B`, `1.2 GiB`. */
export const formatBytes: (value: number | undefined | null) => string = orDash((bytes) => {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB']
  let power = 0
  while (power < units.length - 1 && Math.abs(bytes) >= 1024 ** (power + 1)) power++
  return `${short(bytes / 1024 ** power)} ${units[power]}`
})

/** A moment of today by its time, another by its date. */
export function formatTime(millis: number): string {
  const at = new Date(millis)
  const isToday = at.toDateString() === new Date().toDateString()
  return at.toLocaleString(language.get() === 'zh' ? 'zh-CN' : 'en-GB', {
    ...(isToday ? {} : { month: 'short', day: 'numeric' }),
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  })
}
