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
  /** Asked for. */
  readonly replicas: Int32Array
  readonly ready: Int32Array
  /** Engines' worth of busy engines. */
  readonly busy: Float64Array
  readonly backlog: Float64Array
  /** NaN where nobody asked anything. */
  readonly latencyP99Millis: Float64Array
}

export interface Replay {
  readonly scaler: string
  readonly columns: ReplayColumns
  readonly changes: readonly ReplayChange[]
  readonly summary: ReplaySummary
}

export interface ReplaySummary {
  /** Of engines that were asked for, whether they answered yet or not. */
  readonly engineHours: number
  /** Of the time with requests, from 0 to 1: that with a P99 above what is promised. */
  readonly overSloShare: number
  /** Of the requests, from 0 to 1. */
  readonly refusedShare: number
  /** Of the steps, from 0 to 1: those in which a figure said nothing. */
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
