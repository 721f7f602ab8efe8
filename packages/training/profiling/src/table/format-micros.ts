/** `12.3 ms`, `480 µs`, `1.20 s`. */

export function formatMicros(micros: number): string {
  if (micros >= 1e6) return `${(micros / 1e6).toFixed(2)} s`
  if (micros >= 1e3) return `${(micros / 1e3).toFixed(micros >= 1e5 ? 0 : micros >= 1e4 ? 1 : 2)} ms`
  return `${micros.toFixed(micros >= 100 ? 0 : 1)} µs`
}
