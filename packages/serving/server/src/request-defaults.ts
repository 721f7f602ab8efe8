/** What a request that says nothing means: sampling, length and thinking, as the operator set them. */

import type { Chat } from '@hadal/chat'
import type { SamplingParams } from '@hadal/engine'
import type { GenerationLayer } from './generation.ts'

export interface RequestDefaults {
  readonly sampling?: SamplingParams
  /** Absent: nothing but the context ends an answer. */
  readonly maxTokens?: number
  /** Answers of chats say what the model was given, as llama-server's do when it is verbose. */
  readonly verbose?: boolean
  readonly chat?: Pick<Chat, 'thinking' | 'effort' | 'thinkingBudget'>
}

/** `defaults` are read at each request. */
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

/** Who asks for no thoughts needs to hear nothing of how long or hard they are. */
export function chatByDefault({ chat: defaults }: RequestDefaults, chat: Chat): Chat {
  return chat.thinking === false ? chat : { ...defaults, ...chat }
}
