/** Number formats of advice and tables. */

export const percent = (share: number): string => `${Math.round(share * 100)} %`

/** `1.3`, `12`. */
export const decimal = (value: number): string => (value < 10 ? value.toFixed(1) : String(Math.round(value)))

/** Formats microseconds: `0.21 ms`, `4.1 ms`, `340 ms`, `2.1 s`. */
export function millis(micros: number): string {
  const value = micros / 1000
  if (value >= 1000) return `${(value / 1000).toFixed(1)} s`
  if (value >= 100) return `${Math.round(value)} ms`
  return `${value.toFixed(value >= 1 ? 1 : 2)} ms`
}
