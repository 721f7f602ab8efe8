/** The usage of one request, serialised as a journal line. */

export interface UsageEvent {
  /** Globally unique, so that an event cannot be counted twice. */
  readonly id: string
  /** The request's id, from its client or the server. */
  readonly request: string
  readonly key: string
  readonly model: string
  /** When it was settled, in milliseconds since 1970. */
  readonly at: number
  readonly promptTokens: number
  readonly cachedTokens: number
  readonly completionTokens: number
  readonly costMicros: number
}

const fields = [
  'id',
  'request',
  'key',
  'model',
  'at',
  'promptTokens',
  'cachedTokens',
  'completionTokens',
  'costMicros',
] as const
const texts = 4

/** Includes the line break. */
export function usageLine(event: UsageEvent): string {
  return `${JSON.stringify(fields.map((field) => event[field]))}\n`
}

/** Undefined for an invalid line, such as the truncated last one of a killed process. */
export function readUsageLine(line: string): UsageEvent | undefined {
  let values: unknown
  try {
    values = JSON.parse(line)
  } catch {
    return undefined
  }
  if (!Array.isArray(values) || values.length !== fields.length) return undefined
  const isWhole = values.every((value, index) =>
    index < texts ? typeof value === 'string' : Number.isSafeInteger(value) && value >= 0,
  )
  if (!isWhole || values[0] === '' || values[4] > longestTime) return undefined
  return Object.fromEntries(fields.map((field, index) => [field, values[index]])) as unknown as UsageEvent
}

/** The end of the year 9999: later dates have more than ten characters. */
const longestTime = 253_402_300_799_999

/** The day in UTC, `2026-11-26`. */
export function dayOf(millis: number): string {
  return new Date(millis).toISOString().slice(0, 10)
}

/** The month in UTC, `2026-11`. */
export function monthOf(millis: number): string {
  return new Date(millis).toISOString().slice(0, 7)
}

/** Start of the month after `millis`, as text. */
export function nextMonth(millis: number): string {
  const date = new Date(millis)
  return new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 1)).toISOString().slice(0, 10)
}
