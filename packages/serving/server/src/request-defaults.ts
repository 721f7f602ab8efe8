/** Defaults for requests: sampling, length and reasoning, as configured. */

import type { Chat } from '@hadal/chat'
import type { SamplingParams } from '@hadal/engine'
import type { GenerationLayer } from './generation.ts'

export interface RequestDefaults {
  readonly sampling?: SamplingParams
  /** Absent: limited only by the context. */
  readonly maxTokens?: number
  /** Chat responses include the rendered prompt, as llama-server's verbose mode does. */
  readonly verbose?: boolean
  readonly chat?: Pick<Chat, 'thinking' | 'effort' | 'thinkingBudget'>
}

/** `defaults` are read on every request. */
export function withDefaults(defaults: RequestDefaults): GenerationLayer {
  return (next) => (generation, signal) => {
    const { sampling, maxTokens } = defaults
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

/** A request without reasoning needs no default budget or effort. */
export function chatByDefault({ chat: defaults }: RequestDefaults, chat: Chat): Chat {
  return chat.thinking === false ? chat : { ...defaults, ...chat }
}
