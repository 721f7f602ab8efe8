/** The simulated service: its settings, by their configuration names, and the cost of its work. */

import type { StepCoefficients, StepWork } from '../step-costs.ts'
import type { KeyLimit } from './key-limits.ts'

export interface SimulatedService {
  readonly maxBatchSize: number
  readonly maxBatchTokens: number
  readonly maxPrefillTokensWhileDecoding: number
  readonly minPrefillChunk: number
  readonly timeoutMicros: number
  readonly maxQueue: number
  /** Requests that cannot get a first token within this time are rejected. */
  readonly sloTtftMillis: number | undefined
  /** Prompts are chunked so that steps take no longer than this. */
  readonly sloItlMillis: number | undefined
  readonly agingMillis: number
  readonly keyWeights: Readonly<Record<string, number>>
  /** Limits by key; keys not listed are unlimited. Not enforced for static batches. */
  readonly keyLimits: Readonly<Record<string, KeyLimit>>
  /** Maximum prompt plus output length. */
  readonly contextLength: number
  /** KV cache capacity in tokens. */
  readonly cells: number
  /** Moving the keys and values of one sequence delays the others as much as this many prompt tokens. */
  readonly copyTokens: number
  /** Sequences are preempted when cells run short; otherwise each reserves its maximum. */
  readonly preemption: boolean
  /** Prefixes stay cached in free cells for later prompts. */
  readonly sharesPrefixes: boolean
  /** `fair`: by priority, key and deadline. `fifo`: in order of arrival. */
  readonly order: 'fair' | 'fifo'
  /** `chunks`: prompts share the remaining budget of each step. `whole`: one prompt at a time, as fast as a step allows. */
  readonly prompts: 'chunks' | 'whole'
  /** `static`: a batch is gathered up to a size or a timeout; the next one starts when all requests of this one have ended. */
  readonly batches: 'continuous' | 'static'
  /** Draft tokens per step and sequence, and the average number of resulting tokens, including the regular one. */
  readonly speculation: { readonly draftTokens: number; readonly tokensPerStep: number } | undefined
  /** Tokens per embedding pass. */
  readonly passTokens: number
  /** An encoder computes a text entirely in one pass. */
  readonly wholePasses: boolean
}

/**
 * The defaults of `hadal serve`.
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
  maxPrefillTokensWhileDecoding: 128,
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
  /** For an embedding pass. */
  readonly passMillis: (work: StepWork) => number
  /** For restoring a preempted sequence. */
  readonly restoreMillis: (tokens: number) => number
}

export interface CostCoefficients {
  readonly step: StepCoefficients
  readonly pass?: StepCoefficients
  /** Milliseconds. */
  readonly restorePerToken?: number
}

/**
 * Passes that were not measured cost as much as prompts.
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
