/**
 * What a run keeps of itself beside its numbers: `run.json`, what it is and how it ended, and `events.jsonl`, what happened on the
 * way. Both are for people who look at the folder; training reads neither. Times are milliseconds since 1970.
 */

import type { ReadUnit } from '../kinds/model-kind.ts'

export const runFileName = 'run.json'
export const runNotesName = 'events.jsonl'

export interface RunFile {
  readonly version: 1
  readonly name: string
  readonly startedAt: number
  /** Of the process that trained last. */
  readonly resumedAt: number
  /** Processes that have trained in the folder. */
  readonly starts: number
  readonly parameters: number
  readonly activatedParameters: number
  /** What `tokens` of its steps are. */
  readonly unit: ReadUnit
  readonly flopsPerToken: number
  /** Operations a second that all ranks together could do; absent where nobody measured it. */
  readonly peakFlops?: number
  readonly ranks: number
  readonly totalSteps: number
  /** Parts of the model that learn at rates of their own; empty where all learn at the schedule's. */
  readonly rates: readonly RateGroup[]
  /** That a private run may spend. */
  readonly epsilonBudget?: number
  readonly fingerprint: string
  /** All of the run but its data and the weights it began with. */
  readonly config: Readonly<Record<string, unknown>>
  /** Absent while it trains, and of one that was killed. */
  readonly end?: RunEnd
}

export interface RateGroup {
  readonly name: string
  /** What the rate of a step is multiplied with. */
  readonly factor: number
}

export interface RunEnd {
  readonly state: 'finished' | 'stopped' | 'interrupted' | 'failed'
  readonly step: number
  readonly at: number
  /** Why it was stopped, or what failed. */
  readonly reason?: string
  /** Of what failed. */
  readonly code?: string
  readonly help?: string
}

/** A line of `events.jsonl`. */
export type RunNote = { readonly at: number } & (
  | { readonly type: 'started'; readonly step: number }
  /** The guard went back to this step: what was noted of later ones belongs to a course that was given up. */
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
