/** The Retry-After of a busy server: seconds, or a date. */

const longestMillis = 60_000

/** Undefined if absent; one minute at most. */
export function retryAfterMillis(headers: Headers, wallClockMillis: number = Date.now()): number | undefined {
  const text = headers.get('retry-after')?.trim()
  if (!text) return undefined
  const millis = /^\d+(?:\.\d+)?$/.test(text) ? Number(text) * 1000 : Date.parse(text) - wallClockMillis
  return Number.isNaN(millis) ? undefined : Math.min(Math.max(millis, 0), longestMillis)
}
