/**
 * A run's record besides its metrics: `run.json`, with its description and outcome, and `events.jsonl`. Both are for readers of the
 * folder; training reads neither. Times are milliseconds since 1970.
 */

import type { ReadUnit } from '../kinds/model-kind.ts'

export const runFileName = 'run.json'
export const runNotesName = 'events.jsonl'

export interface RunFile {
  readonly version: 1
  readonly name: string
  readonly startedAt: number
  /** Start of the latest training process. */
  readonly resumedAt: number
  /** Processes that have trained in the folder. */
  readonly starts: number
  readonly parameters: number
  readonly activatedParameters: number
  /** The unit of `tokens`. */
  readonly unit: ReadUnit
  readonly flopsPerToken: number
  /** Operations per second of all ranks together; absent if not measured. */
  readonly peakFlops?: number
  readonly ranks: number
  readonly totalSteps: number
  /** Parts of the model with separate learning rates; empty when all use the schedule's. */
  readonly rates: readonly RateGroup[]
  /** The budget of a private run. */
  readonly epsilonBudget?: number
  readonly fingerprint: string
  /** All of the run but its data and the weights it began with. */
  readonly config: Readonly<Record<string, unknown>>
  /** Absent while it trains, and of one that was killed. */
  readonly end?: RunEnd
}

export interface RateGroup {
  readonly name: string
  /** Multiplier of a step's rate. */
  readonly factor: number
}

export interface RunEnd {
  readonly state: 'finished' | 'stopped' | 'interrupted' | 'failed'
  readonly step: number
  readonly at: number
  /** Reason of the stop or failure. */
  readonly reason?: string
  /** Error code of the failure. */
  readonly code?: string
  readonly help?: string
}

/** A line of `events.jsonl`. */
export type RunNote = { readonly at: number } & (
  | { readonly type: 'started'; readonly step: number }
  /** The guard rolled back to this step: earlier entries for later steps belong to an abandoned course. */
  | { readonly type: 'decision'; readonly step: number }
  | { readonly type: 'sampled'; readonly step: number; readonly prompt: string; readonly text: string }
  /** `file` is within the run's folder. */
  | { readonly type: 'checkpoint'; readonly step: number; readonly file: string; readonly seconds: number }
  | { readonly type: 'best'; readonly step: number; readonly file: string; readonly loss: number }
  | { readonly type: 'split'; readonly step: number; readonly message: string }
  | { readonly type: 'profiled'; readonly step: number; readonly advice: readonly string[] }
  | { readonly type: 'warning'; readonly message: string }
  | ({ readonly type: 'ended' } & Omit<RunEnd, 'at'>)
)
