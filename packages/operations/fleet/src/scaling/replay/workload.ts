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
  /** Time ranges with wrong or missing measurements, in order of `from`; they may overlap. */
  readonly sights: readonly Sight[]
  /** `busyPercent` before the first step, for forecasts. */
  readonly history: LoadHistory
  /** Number of engines at the first step, if recorded. */
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
    /** An exporter went silent: its last value persists, with its original timestamp. */
    | 'silent'
    /** As `hadal scale` reads it if Prometheus returns NaN. */
    | 'nan'
    /** A counter began again: nothing seems to have happened. */
    | 'zero'
    /** The measuring clock is off by `skewMillis`. */
    | 'skewed'
  readonly skewMillis?: number
}
