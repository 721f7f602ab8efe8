/** Converts a conversation to the engine's input and the output parser. */

import { randomBytes } from 'node:crypto'
import { constrain } from './constrain/constrain.ts'
import type { Chat, ChatModel, PreparedChat, Tool } from './conversation.ts'
import type { Family } from './families/family.ts'
import { familyOf } from './families/family-of.ts'
import { type Prefix, parserOf, type ReasoningMarks } from './parse/answer.ts'
import { renderApart } from './template/render-apart.ts'
import { type RenderedChat, renderChat } from './template/render-chat.ts'

/**
 * The model's template is not trusted: see `renderApart`. Throws `chat_template_failed` if the template rejects the messages, with its
 * message, or exceeds its limits; `chat_template_busy`, `chat_not_continuable`, and the errors of `@hadal/grammar` for a schema or pattern.
 */
export async function prepareChat(model: ChatModel, chat: Chat): Promise<PreparedChat> {
  return prepared(model, chat, await renderApart(model, chat, offeredTools(chat)))
}

/** As `prepareChat`, but a template may hold this thread for seconds. */
export function prepareChatSync(model: ChatModel, chat: Chat): PreparedChat {
  return prepared(model, chat, renderChat(model, chat, offeredTools(chat), familyOf(model)))
}

const offeredTools = ({ toolChoice, tools = [] }: Chat): readonly Tool[] =>
  toolChoice === 'none' ? [] : tools

function prepared(model: ChatModel, chat: Chat, rendered: RenderedChat): PreparedChat {
  const family = familyOf(model)
  const tools = offeredTools(chat)
  const { pieces, state, continues } = rendered
  const marks = state === 'done' ? undefined : rendered.marks
  const grammar = constrain(chat, tools, family, {
    state,
    continues,
    // Reasoning is disabled, so the grammar need not allow it.
    ...(marks !== undefined &&
      (state === 'open' || chat.thinking !== false || family.channels !== undefined) && { marks }),
  })
  const thinking = thinkingLimit(chat, rendered)
  const answer = {
    tools: new Map(tools.map(({ name, parameters }) => [name, { parameters }])),
    begins: prefixOf(rendered),
    ...(marks !== undefined && { reasoning: marks }),
  }
  return {
    pieces,
    ...(grammar !== undefined && { grammar }),
    ...(thinking !== undefined && { thinking }),
    stop: model.chatTemplate === undefined ? ['<|im_end|>'] : [],
    ...(readsControlTokens(model, tools, family, marks) && { controlText: true }),
    parser: () => parserOf(family.read, answer, () => newCallId(family)),
  }
}

function prefixOf({ state, continues }: RenderedChat): Prefix {
  if (state === 'open') return continues ? 'amid reasoning' : 'in reasoning'
  return continues ? 'amid content' : 'anew'
}

function thinkingLimit(
  { thinkingBudget: budget }: Chat,
  { marks, state }: RenderedChat,
): PreparedChat['thinking'] {
  if (budget === undefined || marks === undefined || state === 'done') return undefined
  return { budget, start: state === 'open' ? '' : marks.start, end: marks.end }
}

/** Whether any text the parser looks for is or contains a control token. */
function readsControlTokens(
  { controlTokens }: ChatModel,
  tools: readonly Tool[],
  family: Family,
  marks: ReasoningMarks | undefined,
): boolean {
  const call = { id: 'call', name: 'f', arguments: '{"a": 1}' }
  const calls = tools.length > 0 ? [...family.grammar.triggers(tools), family.writeCalls([call])] : []
  const reasoning = marks === undefined ? [] : [marks.start, marks.end]
  const { next = '', text = '', call: lead = '' } = family.channels ?? {}
  const looked = [...calls, ...reasoning, next, text, lead].join('\n')
  return controlTokens.some((token) => token !== '' && looked.includes(token))
}

function newCallId(family: Family): string {
  const id = `call_${randomBytes(12).toString('hex')}`
  return family.callId?.(id) ?? id
}
