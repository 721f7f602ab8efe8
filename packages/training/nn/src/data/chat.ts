/**
 * Conversations as ChatML: `<|im_start|>role\ncontent<|im_end|>\n`. One format for tuning (tokens and which of them to
 * learn) and for serving (the same template in Jinja, for the model's metadata).
 */

import type { Tokenizer } from '../tokenizer/index.ts'
import type { MaskedTokens } from './windows.ts'

export interface ChatMessage {
  readonly role: 'system' | 'user' | 'assistant'
  readonly content: string
}

/**
 * The special tokens a tokenizer needs for this format. `endOfText` separates documents and pads.
 *
 * @example
 * ```ts
 * import { chatTokens, trainBpe } from '@hadal/nn'
 *
 * const tokenizer = trainBpe(['hello'], { vocabSize: 260, specialTokens: Object.values(chatTokens) })
 * tokenizer.specialTokens.has(chatTokens.start) // → true
 * ```
 */
export const chatTokens = {
  endOfText: '<|endoftext|>',
  start: '<|im_start|>',
  end: '<|im_end|>',
} as const

/**
 * The template servers render prompts with; `encodeChat` gives the same tokens.
 *
 * @example
 * ```ts
 * import { ChatTemplate, chatTemplate } from '@hadal/nn'
 *
 * new ChatTemplate(chatTemplate).render({ messages: [{ role: 'user', content: 'Hi' }] }, false) // → '<|im_start|>user\nHi<|im_end|>\n'
 * ```
 */
export const chatTemplate: string =
  "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\\n' + message['content'] + " +
  "'<|im_end|>\\n' }}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}"

/**
 * A conversation's tokens; only assistant text and its end-of-turn token are trained on.
 *
 * @example
 * ```ts
 * import { chatTokens, encodeChat, trainBpe } from '@hadal/nn'
 *
 * const tokenizer = trainBpe(['hello'], { vocabSize: 270, specialTokens: Object.values(chatTokens) })
 * const { tokens, learn } = encodeChat([{ role: 'user', content: 'Hi' }, { role: 'assistant', content: 'Hello' }], tokenizer)
 * tokens.length === learn.length // → true
 * ```
 */
export function encodeChat(messages: readonly ChatMessage[], tokenizer: Tokenizer): MaskedTokens {
  const tokens: number[] = []
  const learn: boolean[] = []
  const push = (ids: readonly number[], learnt: boolean): void => {
    for (const id of ids) {
      tokens.push(id)
      learn.push(learnt)
    }
  }
  const newline = tokenizer.encode('\n')
  for (const { role, content } of messages) {
    // Role and content are tokenized together because a server's tokenizer sees them together.
    const header = tokenizer.encode(`${role}\n`).length
    const turn = tokenizer.encode(`${role}\n${content}`)
    push([tokenizer.special(chatTokens.start), ...turn.slice(0, header)], false)
    push([...turn.slice(header), tokenizer.special(chatTokens.end)], role === 'assistant')
    push(newline, false)
  }
  return { tokens, learn }
}

/**
 * The prompt that asks the assistant to speak next.
 *
 * @example
 * ```ts
 * import { chatTokens, encodeChatPrompt, trainBpe } from '@hadal/nn'
 *
 * const tokenizer = trainBpe(['hello'], { vocabSize: 270, specialTokens: Object.values(chatTokens) })
 * tokenizer.decode(encodeChatPrompt([{ role: 'user', content: 'Hi' }], tokenizer))
 * ```
 */
export function encodeChatPrompt(messages: readonly ChatMessage[], tokenizer: Tokenizer): number[] {
  const assistant = [tokenizer.special(chatTokens.start), ...tokenizer.encode('assistant\n')]
  return [...encodeChat(messages, tokenizer).tokens, ...assistant]
}
