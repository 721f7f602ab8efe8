/** What a request that says nothing means: sampling and length, as the operator set them. */

import type { SamplingParams } from '@hadal/engine'
import type { GenerationLayer } from './generation.ts'

export interface RequestDefaults {
  readonly sampling?: SamplingParams
  /** Also the most that a request may ask for. */
  readonly maxTokens?: number
}

export function withDefaults(defaults: RequestDefaults): GenerationLayer {
  return (next) => (generation, signal) => {
    const { sequence } = generation
    const maxTokens = limitedTokens(sequence.maxTokens, defaults)
    return next(
      {
        ...generation,
        sequence: {
          ...sequence,
          sampling: { ...defaults.sampling, ...sequence.sampling },
          ...(maxTokens !== undefined && { maxTokens }),
        },
      },
      signal,
    )
  }
}

/** Undefined where nothing but the context ends an answer. */
export function limitedTokens(asked: number | undefined, { maxTokens }: RequestDefaults): number | undefined {
  if (asked === undefined || maxTokens === undefined) return asked ?? maxTokens
  return Math.min(asked, maxTokens)
}
