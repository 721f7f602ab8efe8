/** Renders a chat to the pieces of a prompt, and determines the state of the response at its end. */

import { formatTime, TemplateFailure } from '@hadal/templates'
import type { Chat, ChatModel, Message, Tool } from '../conversation.ts'
import { chatNotContinuable, chatTemplateFailed } from '../errors.ts'
import type { Family } from '../families/family.ts'
import type { ReasoningMarks } from '../parse/answer.ts'
import { reasoningMarks, reasoningState } from '../reasoning.ts'
import { type Abilities, abilitiesOf } from './abilities.ts'
import { type AnswerPlace, withoutReasoning, withPrefix } from './answer-prefix.ts'
import { fitMessages } from './fit-messages.ts'
import { messageVariables, toolVariables } from './message-variables.ts'
import { chatMl } from './named-templates.ts'
import { runTemplate } from './run-template.ts'
import { controlPattern, hasControlToken, Seal, stringsIn } from './seal.ts'

export interface RenderedChat extends Omit<AnswerPlace, 'text'> {
  readonly pieces: readonly string[]
  /** Absent for models without reasoning. */
  readonly marks?: ReasoningMarks
}

export function templateFor({ chatTemplate, toolTemplate }: ChatModel, tools: readonly Tool[]): string {
  return (tools.length > 0 ? toolTemplate : undefined) ?? chatTemplate ?? chatMl
}

/** Throws `chat_template_failed`, `chat_not_continuable`, and `TemplateFailure` of the kind `interrupted`. */
export function renderChat(
  model: ChatModel,
  chat: Chat,
  tools: readonly Tool[],
  family: Family,
): RenderedChat {
  const source = templateFor(model, tools)
  const written = { messages: chat.messages, tools, variables: chat.templateArguments ?? {} }
  const pattern = controlPattern(model.controlTokens)
  const seal =
    pattern && hasControlToken(pattern, written) ? new Seal(pattern, stringsIn(written)) : undefined
  const { messages, tools: promptTools, variables } = seal?.all(written) ?? written
  const last = chat.continueLast === true ? continuable(messages.at(-1)) : undefined
  const abilities = reporting(model, () => usedAbilities(source, family))
  const fitted = fitMessages(
    last === undefined ? messages : messages.slice(0, -1),
    promptTools,
    family,
    abilities,
  )
  const marks = family.channels?.reasoning ?? reasoningMarks(source)
  const thinks = chat.thinking ?? (last?.reasoning ? true : undefined)
  const now = new Date()
  const render = (thinking: boolean | undefined): string =>
    reporting(model, () =>
      runTemplate(
        source,
        {
          date_string: formatTime(now, '%d %b %Y'),
          datetime: formatTime(now, '%b %d %Y'),
          // As in llama-server, reasoning is on by default if the template supports it.
          enable_thinking: thinking ?? (marks === undefined ? undefined : true),
          ...(thinking !== undefined && { thinking }),
          ...(chat.effort !== undefined && { reasoning_effort: chat.effort }),
          ...family.ownVariables?.(chat),
          ...variables,
          messages: fitted.map((message) => messageVariables(message, family, abilities)),
          ...(abilities.tools && promptTools.length > 0 && { tools: toolVariables(promptTools) }),
          add_generation_prompt: last !== undefined || chat.addGenerationPrompt !== false,
          bos_token: model.bosToken,
          eos_token: model.eosToken,
        },
        seal,
        now,
      ),
    )

  const text = render(thinks)
  let place: AnswerPlace = {
    text,
    state: marks === undefined ? 'free' : reasoningState(text, marks),
    continues: false,
  }
  if (
    marks !== undefined &&
    thinks === false &&
    family.channels === undefined &&
    chat.addGenerationPrompt !== false
  )
    place = withoutReasoning(place, marks, source.includes(marks.start) && render(true) === text)
  if (last !== undefined) place = withPrefix(place, last, marks, family)
  return {
    pieces: seal?.cut(place.text) ?? [place.text],
    ...(marks !== undefined && { marks }),
    state: place.state,
    continues: place.continues,
  }
}

/**
 * The generic family has no known markup: tools are described in text, and calls use the markup of that description.
 */
function usedAbilities(source: string, family: Family): Abilities {
  const abilities = abilitiesOf(source)
  if (family.name !== 'generic') return abilities
  const { calls: _, ...others } = abilities
  return { ...others, tools: false, results: false }
}

function reporting<T>({ id }: ChatModel, run: () => T): T {
  try {
    return run()
  } catch (thrown) {
    if (!(thrown instanceof TemplateFailure) || thrown.kind === 'interrupted') throw thrown
    throw chatTemplateFailed(id, thrown.message).with({ param: 'messages', cause: thrown })
  }
}

function continuable(message: Message | undefined): Message {
  const issue = (what: string): Error => chatNotContinuable(what).with({ param: 'messages' })
  if (message === undefined) throw issue('missing')
  if (message.role !== 'assistant') throw issue(`of the role ${message.role}`)
  if ((message.toolCalls ?? []).length > 0) throw issue('complete, for it ends with tool calls')
  return message
}
