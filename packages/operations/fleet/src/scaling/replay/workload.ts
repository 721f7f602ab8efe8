/**
 * What comes to a model's engines over time, whatever their number is, and how well it is seen. A recording becomes one
 * (`recordedWorkload`), or a day is made up (`syntheticDay`).
 */

import type { LoadHistory } from '../forecast-load.ts'

export interface Workload {
  /** For people: `flash-crowd, seed 1`. */
  readonly title: string
  /** Time of the first step, in epoch milliseconds. */
  readonly startAt: number
  /** From one step to the next; decisions are made once a step. */
  readonly stepMillis: number
  /** Engines' worth of work that arrives in each step: 1.4 keeps two engines busy at 70 %. */
  readonly load: Float64Array
  /** Times at which figures are not what they should be, in order of `from`; they may overlap. */
  readonly sights: readonly Sight[]
  /** `busyPercent` before the first step, for forecasts. */
  readonly history: LoadHistory
  /** How many engines there were at the first step, where it was recorded. */
  readonly replicas?: number | undefined
  /** What a reader of the replay has to know of it. */
  readonly notes: readonly string[]
}

export type SignalName = 'busy' | 'backlog' | 'latency' | 'demand'

export interface Sight {
  readonly from: number
  /** Exclusive. */
  readonly until: number
  readonly signals: readonly SignalName[]
  readonly how: /** There is no figure. */
    | 'missing'
    /** An exporter went silent: the last figure stands, with the time it was measured. */
    | 'silent'
    /** As `hadal scale` reads it where Prometheus says NaN. */
    | 'nan'
    /** A counter began again: nothing seems to have happened. */
    | 'zero'
    /** Who measures has another clock, by `skewMillis`. */
    | 'skewed'
  readonly skewMillis?: number
}
