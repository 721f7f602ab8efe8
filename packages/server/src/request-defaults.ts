/** What a request that says nothing means: sampling and length, as the operator set them. */

import type { SamplingParams } from '@hadal/engine'
import type { GenerationLayer } from './generation.ts'

export interface RequestDefaults {
  readonly sampling?: SamplingParams
  /** Absent: nothing but the context ends an answer. */
  readonly maxTokens?: number
}

export function withDefaults({ sampling, maxTokens }: RequestDefaults): GenerationLayer {
  return (next) => (generation, signal) => {
    const { sequence } = generation
    const limit = sequence.maxTokens ?? maxTokens
    return next(
      {
        ...generation,
        sequence: {
          ...sequence,
          sampling: { ...sampling, ...sequence.sampling },
          ...(limit !== undefined && { maxTokens: limit }),
        },
      },
      signal,
    )
  }
}
