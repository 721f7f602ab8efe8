/** A replay: columns over the steps of a workload, the changes and a summary. */

export interface ReplayChange {
  readonly at: number
  readonly from: number
  readonly to: number
  readonly reason: string
  readonly text: string
}

/** Columns over the steps of the workload. */
export interface ReplayColumns {
  /** Requested. */
  readonly replicas: Int32Array
  readonly ready: Int32Array
  /** Engines' worth of busy engines. */
  readonly busy: Float64Array
  readonly backlog: Float64Array
  /** NaN without requests. */
  readonly latencyP99Millis: Float64Array
}

export interface Replay {
  readonly scaler: string
  readonly columns: ReplayColumns
  readonly changes: readonly ReplayChange[]
  readonly summary: ReplaySummary
}

export interface ReplaySummary {
  /** Hours of requested engines, ready or not. */
  readonly engineHours: number
  /** Share of the time with requests, 0 to 1, in which the P99 exceeds the SLO. */
  readonly overSloShare: number
  /** Share of the requests, 0 to 1. */
  readonly refusedShare: number
  /** Share of the steps, 0 to 1, in which a metric was missing. */
  readonly blindShare: number
  /** Work done over what ready engines could have done, from 0 to 1. */
  readonly utilisation: number
  readonly ups: number
  readonly downs: number
  /** Changes that the next one took back within ten minutes. */
  readonly takenBack: number
  readonly least: number
  readonly most: number
}
