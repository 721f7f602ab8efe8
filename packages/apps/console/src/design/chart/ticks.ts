/** Tick labels: times as precise as their spacing requires, numbers as short as possible. */

import { language } from '../../messages/language.ts'

const day = 86_400_000

/** `stepMillis`: between two of them. */
export function timeTicks(ticks: readonly (number | null)[], stepMillis: number): string[] {
  const locale = language.get() === 'zh' ? 'zh-CN' : 'en-GB'
  const date: Intl.DateTimeFormatOptions = { month: 'short', day: 'numeric' }
  const time: Intl.DateTimeFormatOptions = {
    hour: '2-digit',
    minute: '2-digit',
    ...(stepMillis < 60_000 && { second: '2-digit' }),
  }
  const format = new Intl.DateTimeFormat(locale, stepMillis >= day ? date : time)
  return ticks.map((tick) => (tick === null ? '' : format.format(tick)))
}

/** `12,500`, `1.2M`. */
export function numberTicks(ticks: readonly (number | null)[]): string[] {
  const most = Math.max(...ticks.map((tick) => Math.abs(tick ?? 0)))
  const format = new Intl.NumberFormat('en', most >= 1e5 ? { notation: 'compact' } : {})
  return ticks.map((tick) => (tick === null ? '' : format.format(tick)))
}
