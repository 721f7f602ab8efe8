/** Converts messages and tools to template variables: OpenAI's format with a few variations. */

import type { Message, Tool } from '../conversation.ts'
import { argumentsOf, toolObject } from '../families/describe.ts'
import type { Family } from '../families/family.ts'
import type { Abilities } from './abilities.ts'

export type Variables = Readonly<Record<string, unknown>>

export function messageVariables(message: Message, family: Family, abilities: Abilities): Variables {
  const { role, name, reasoning, toolCalls = [], toolCallId } = message
  const id = (given: string): string => family.callId?.(given) ?? given
  return {
    role,
    content: contentOf(message, abilities),
    ...(name !== undefined && { name }),
    ...(reasoning !== undefined && { reasoning_content: reasoning }),
    ...(toolCallId !== undefined && { tool_call_id: id(toolCallId) }),
    ...(toolCalls.length > 0 && {
      tool_calls: toolCalls.map((call) => ({
        id: id(call.id),
        type: 'function',
        function: {
          name: call.name,
          // The model's arguments may not be a valid object; then they are passed unchanged.
          arguments:
            abilities.calls?.objects === true ? (argumentsOf(call) ?? call.arguments) : call.arguments,
        },
      })),
    }),
    ...family.ownFields?.(message),
  }
}

export const toolVariables = (tools: readonly Tool[]): readonly Variables[] => tools.map(toolObject)

function contentOf({ content, reasoning, toolCalls = [] }: Message, abilities: Abilities): unknown {
  const text = { type: 'text', text: content }
  if (reasoning !== undefined && abilities.thinkingBlocks)
    return [{ type: 'thinking', thinking: reasoning }, ...(content === '' ? [] : [text])]
  if (content === '' && toolCalls.length > 0 && abilities.calls?.noContent === null) return null
  return abilities.typedContent ? [text] : content
}
