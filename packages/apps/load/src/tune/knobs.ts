/** Settings that `hadal tune` varies, their candidate values, and their mapping to the simulator. Pure. */

import type { KnobSpace, SimulatedService } from '@hadal/batching'

export interface Knobs {
  readonly maxBatchSize: number
  readonly maxBatchTokens: number
  readonly maxPrefillTokensWhileDecoding: number
  readonly timeoutMicros: number
  readonly threads: number
  readonly speculation: 'auto' | 'off'
  readonly contextLength: number
}

/** Measurements of one engine. */
export interface Guesses {
  readonly draftTokens: number
  readonly tokensPerStep: number
}

export interface Machine {
  readonly threads: readonly number[]
  /** Cells that memory has room for. */
  readonly cells: number
  readonly guesses: Guesses | undefined
  /** A pass over texts never has more. */
  readonly maxPassTokens: number
  /** It reads texts whole or not at all: it embeds, and does not generate. */
  readonly isEncoder: boolean
}

export function knobSpace(start: Knobs, machine: Machine, longest: number): KnobSpace<Knobs> {
  const among = <T extends number>(values: readonly T[], own: T): T[] =>
    [...new Set([...values, own])].sort((a, b) => a - b)
  const needed = Math.ceil(longest / 256) * 256
  return {
    threads: among(machine.threads, start.threads),
    maxBatchSize: among([1, 2, 4, 8, 16, 32], start.maxBatchSize),
    maxPrefillTokensWhileDecoding: among([32, 64, 128, 256, 512], start.maxPrefillTokensWhileDecoding),
    maxBatchTokens: among([128, 256, 512, 1024], start.maxBatchTokens),
    timeoutMicros: among([0, 2000, 5000, 10_000, 20_000, 50_000, 100_000], start.timeoutMicros),
    contextLength: among([Math.min(needed, start.contextLength)], start.contextLength),
    speculation: machine.guesses === undefined ? [start.speculation] : ['off', 'auto'],
  }
}

/** Undefined for invalid values. */
export function simulatedFor(
  knobs: Knobs,
  machine: Omit<Machine, 'threads'>,
  other: Partial<SimulatedService> = {},
): Partial<SimulatedService> | undefined {
  const { maxBatchSize, maxBatchTokens, speculation, contextLength } = knobs
  if (maxBatchTokens < maxBatchSize || contextLength > machine.cells) return undefined
  return {
    ...other,
    maxBatchSize,
    maxBatchTokens,
    maxPrefillTokensWhileDecoding: knobs.maxPrefillTokensWhileDecoding,
    timeoutMicros: knobs.timeoutMicros,
    passTokens: Math.min(maxBatchTokens, machine.maxPassTokens),
    wholePasses: machine.isEncoder,
    contextLength,
    cells: Math.min(machine.cells, contextLength * maxBatchSize),
    speculation: speculation === 'auto' ? machine.guesses : undefined,
  }
}

/** The settings of a guide that is widely followed: first a window of 100 ms, then of 50 ms for batches of 32. */
export const guidePoints: readonly { readonly name: string; readonly knobs: Partial<Knobs> }[] = [
  { name: 'guide: batches of 8, 100 ms', knobs: { maxBatchSize: 8, timeoutMicros: 100_000 } },
  { name: 'guide: batches of 32, 50 ms', knobs: { maxBatchSize: 32, timeoutMicros: 50_000 } },
]
