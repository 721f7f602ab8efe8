/** Converts a chat of any dialect to a `Generation` with one choice. */

import { type Chat, prepareChat } from '@hadal/chat'
import type { Engine } from '@hadal/engine'
import type { Generation, SequenceOptions, Spelling } from './generation.ts'

export interface ChatGeneration {
  readonly id: string
  readonly engine: Engine
  readonly chat: Chat
  readonly sequence: SequenceOptions
  readonly spelling: Spelling
}

/** Throws what `prepareChat` throws. */
export async function chatGeneration({
  id,
  engine,
  chat,
  sequence,
  spelling,
}: ChatGeneration): Promise<Generation> {
  const prepared = await prepareChat(engine.model, chat)
  return {
    id,
    engine,
    texts: writtenIn(chat),
    prompts: [{ pieces: prepared.pieces }],
    n: 1,
    sequence: {
      ...sequence,
      stop: [...sequence.stop, ...prepared.stop],
      ...(prepared.grammar !== undefined && { grammar: prepared.grammar }),
      ...(prepared.thinking !== undefined && { thinking: prepared.thinking }),
      ...(prepared.controlText === true && { controlText: true }),
    },
    parser: () => prepared.parser(),
    spelling,
  }
}

function writtenIn({ messages, tools = [] }: Chat): Generation['texts'] {
  const described = tools.map((tool) => ({ role: 'system', text: JSON.stringify(tool) }))
  const said = messages.flatMap(({ role, content, reasoning = '', toolCalls = [] }) =>
    [reasoning, content, ...toolCalls.map((call) => call.arguments)]
      .filter((text) => text !== '')
      .map((text) => ({ role, text })),
  )
  return [...described, ...said]
}
