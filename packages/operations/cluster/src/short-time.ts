/** Times in two units at most, as tables have them: `45s`, `3m20s`, `5h12m`, `8d3h`. */

/** Formats milliseconds; fractions of a second are omitted. */
export function shortTime(millis: number): string {
  const seconds = Math.max(0, Math.floor(millis / 1000))
  const [minutes, hours, days] = [
    Math.floor(seconds / 60),
    Math.floor(seconds / 3600),
    Math.floor(seconds / 86_400),
  ]
  if (days > 0) return `${days}d${hours % 24 === 0 ? '' : `${hours % 24}h`}`
  if (hours > 0) return `${hours}h${minutes % 60 === 0 ? '' : `${minutes % 60}m`}`
  if (minutes > 0) return `${minutes}m${seconds % 60 === 0 ? '' : `${seconds % 60}s`}`
  return `${seconds}s`
}
