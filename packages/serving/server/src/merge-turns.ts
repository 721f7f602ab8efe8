/** Merges consecutive messages of one role, for templates that require alternating turns. */

import type { Message } from '@hadal/chat'

export function mergeTurns(messages: readonly Message[], roles: readonly Message['role'][]): Message[] {
  const turns: Message[] = []
  for (const message of messages) {
    const last = turns.at(-1)
    if (last?.role === message.role && roles.includes(message.role))
      turns[turns.length - 1] = merged(last, message)
    else turns.push(message)
  }
  return turns
}

function merged(first: Message, second: Message): Message {
  const reasoning = joined(first.reasoning, second.reasoning)
  const toolCalls = [...(first.toolCalls ?? []), ...(second.toolCalls ?? [])]
  return {
    role: first.role,
    content: joined(first.content, second.content),
    ...(reasoning !== '' && { reasoning }),
    ...(toolCalls.length > 0 && { toolCalls }),
  }
}

const joined = (...texts: readonly (string | undefined)[]): string => texts.filter(Boolean).join('\n\n')
