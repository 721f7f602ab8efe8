/**
 * The cost of copying another sequence's cells, in prompt tokens computed in the same time: shorter prefixes are cheaper to
 * recompute. Pure.
 */

export interface CopyRequest {
  /** Whether a cell can belong to several sequences: then nothing is moved. */
  readonly shared: boolean
  /** Keys and values of one sequence, which llama.cpp copies as a whole. */
  readonly bytesPerSequence: number
  readonly parameterCount: number
  /** Whether the model's memory is an ordinary cache that can be truncated to any prefix. */
  readonly divisible: boolean
}

export function copyCost({ shared, bytesPerSequence, parameterCount, divisible }: CopyRequest): number {
  if (!divisible) return Number.POSITIVE_INFINITY
  if (shared) return minTokens
  return minTokens + Math.ceil((bytesPerSequence / parameterCount) * tokensPerByteOfParameter)
}

const minTokens = 16
const tokensPerByteOfParameter = 16
