/** What load there will be, from what there was at the same time of earlier days. Pure. */

import type { Forecast } from './observation.ts'

/** Of `busyPercent`, in order of time; gaps are allowed. */
export type LoadHistory = readonly { readonly at: number; readonly value: number }[]

export function forecastLoad(_history: LoadHistory, _now: number, _leadMillis: number): Forecast | undefined {
  return undefined
}
