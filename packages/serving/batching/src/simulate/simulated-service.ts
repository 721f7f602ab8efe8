/** What is simulated: the settings of a service, by the names they have there, and what its work costs. */

import type { StepCoefficients, StepWork } from '../step-costs.ts'
import type { KeyLimit } from './key-limits.ts'

export interface SimulatedService {
  readonly maxBatchSize: number
  readonly maxBatchTokens: number
  readonly maxPrefillTokensBesideDecodes: number
  readonly minPrefillChunk: number
  readonly timeoutMicros: number
  readonly maxQueue: number
  /** Who could not have a first token by then is refused. */
  readonly sloTtftMillis: number | undefined
  /** Prompts are cut so that steps are no longer. */
  readonly sloItlMillis: number | undefined
  readonly agingMillis: number
  readonly keyWeights: Readonly<Record<string, number>>
  /** What keys may ask for at most, others as much as they like; not of static batches. */
  readonly keyLimits: Readonly<Record<string, KeyLimit>>
  /** Longest prompt plus answer. */
  readonly contextLength: number
  /** Tokens whose keys and values there is room for, in all. */
  readonly cells: number
  /** Moving the keys and values of one sequence delays the others like so many tokens of a prompt. */
  readonly copyTokens: number
  /** Sequences are put aside when cells run short; else each reserves what it may come to need. */
  readonly preemption: boolean
  /** Beginnings that stay in free cells serve later prompts. */
  readonly sharesPrefixes: boolean
  /** `fair`: by priority, key and deadline. `fifo`: in the order they came. */
  readonly order: 'fair' | 'fifo'
  /** `chunks`: prompts share what is left of each step. `whole`: one after another, each as fast as a step allows. */
  readonly prompts: 'chunks' | 'whole'
  /** `static`: so many are gathered, or so long; the next batch begins when all of this one have ended. */
  readonly batches: 'continuous' | 'static'
  /** Guesses for each new token, and the tokens that come of it on average, the sure one included. */
  readonly speculation: { readonly draftTokens: number; readonly tokensPerStep: number } | undefined
  /** Tokens of one pass over texts to embed. */
  readonly passTokens: number
  /** An encoder reads a text in one pass or not at all. */
  readonly wholePasses: boolean
}

/**
 * As `hadal serve` is where nothing is said.
 *
 * @example
 * ```ts
 * import { simulatedDefaults } from '@hadal/batching'
 *
 * simulatedDefaults.maxBatchSize // → 16
 * simulatedDefaults.maxBatchTokens // → 512
 * ```
 */
export const simulatedDefaults: SimulatedService = {
  maxBatchSize: 16,
  maxBatchTokens: 512,
  maxPrefillTokensBesideDecodes: 128,
  minPrefillChunk: 64,
  timeoutMicros: 0,
  maxQueue: 256,
  sloTtftMillis: undefined,
  sloItlMillis: undefined,
  agingMillis: 10_000,
  keyWeights: {},
  keyLimits: {},
  contextLength: Number.POSITIVE_INFINITY,
  cells: Number.POSITIVE_INFINITY,
  copyTokens: 16,
  preemption: true,
  sharesPrefixes: true,
  order: 'fair',
  prompts: 'chunks',
  batches: 'continuous',
  speculation: undefined,
  passTokens: 512,
  wholePasses: true,
}

export interface SimulatedCosts {
  readonly stepMillis: (work: StepWork) => number
  /** Of a pass over texts. */
  readonly passMillis: (work: StepWork) => number
  /** Bringing back a sequence that was put aside. */
  readonly restoreMillis: (tokens: number) => number
}

export interface CostCoefficients {
  readonly step: StepCoefficients
  readonly pass?: StepCoefficients
  /** Milliseconds. */
  readonly restorePerToken?: number
}

/**
 * Where passes were not measured, they are taken for prompts.
 *
 * @example
 * ```ts
 * import { simulatedCosts } from '@hadal/batching'
 *
 * const costs = simulatedCosts({
 *   step: { perStep: 20, perDecodeToken: 0.5, perPrefillToken: 0.2, perAttendedToken: 0 }, // milliseconds
 * })
 * costs.stepMillis({ decodeTokens: 4, prefillTokens: 100, attendedTokens: 0 }) // → 42
 * ```
 */
export function simulatedCosts({ step, pass = step, restorePerToken = 0 }: CostCoefficients): SimulatedCosts {
  const millis =
    (of: StepCoefficients) =>
    (work: StepWork): number =>
      of.perStep +
      of.perDecodeToken * work.decodeTokens +
      of.perPrefillToken * work.prefillTokens +
      of.perAttendedToken * work.attendedTokens
  return {
    stepMillis: millis(step),
    passMillis: millis(pass),
    restoreMillis: (tokens) => restorePerToken * tokens,
  }
}
