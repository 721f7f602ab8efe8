/** Measurements of a model's engines at one moment. Times are milliseconds of the epoch: `at` by the measuring clock, `now` by ours. */

/** A figure with the time it was measured, or why there is none. NaN is what a quantile of no requests is. */
export type Reading = { readonly at: number; readonly value: number } | { readonly missing: string }

export interface Observation {
  readonly now: number
  /** Requested (`spec.replicas`), and ready ones. */
  readonly replicas: number
  readonly readyReplicas: number
  /** Sum over busy engines, in percent of a replica: 140 is two at 70 %. Measured on GPUs if there are any, else on batch slots. */
  readonly busyPercent: Reading
  /** Number of engines in the sum, if known: a silent exporter must not look like an idle engine. */
  readonly measuredReplicas?: number | undefined
  /** Requests that wait, in gateways and engines together. */
  readonly backlog: Reading
  /** P99 latency of the last minutes. Undefined if it was not requested. */
  readonly latencyP99Millis?: Reading | undefined
  /** Requests of the last minutes and active ones; 0: no demand. Needed to sleep and to wake. */
  readonly demand?: Reading | undefined
  /** `busyPercent` as it will be once an engine that is requested now has started. */
  readonly forecast?: Forecast | undefined
}

export interface Forecast {
  readonly busyPercent: number
  /** For people: `as 7 days ago at this time, 1.10 times as much`. */
  readonly why: string
}
