/**
 * What it costs to give a sequence the cells of another one, in prompt tokens that are computed in the same time: fewer are
 * better computed. Pure.
 */

export interface CopyRequest {
  /** Whether a cell can belong to several sequences: then nothing is moved. */
  readonly shared: boolean
  /** Keys and values of one sequence, which llama.cpp copies as a whole. */
  readonly bytesPerSequence: number
  readonly parameterCount: number
  /** Whether the memory of the model is an ordinary cache, of which any beginning can be kept. */
  readonly divisible: boolean
}

export function copyCost({ shared, bytesPerSequence, parameterCount, divisible }: CopyRequest): number {
  if (!divisible) return Number.POSITIVE_INFINITY
  if (shared) return minTokens
  return minTokens + Math.ceil((bytesPerSequence / parameterCount) * tokensPerByteOfParameter)
}

const minTokens = 16
const tokensPerByteOfParameter = 16
