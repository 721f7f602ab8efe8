/**
 * A chat template in Jinja, run over conversations of training data. The same text for the same conversation on any day:
 * templates that write the date get one that does not move. Knows nothing about tokens.
 */

import { createHash } from 'node:crypto'
import { checkTemplate, renderTemplate, TemplateFailure } from '@hadal/templates'
import { dataTemplateFailed } from './errors.ts'
import type { Conversation } from './parse-row.ts'

export interface TemplateOptions {
  readonly bosToken?: string
  readonly eosToken?: string
  /** For templates that ask for today's. Default: the one that Llama 3's template names, 26 July 2024. */
  readonly date?: Date
  /** What else the template may ask for, such as `enable_thinking`. */
  readonly variables?: Readonly<Record<string, unknown>>
}

/**
 * The template of a chat model: what a conversation is as a text.
 *
 * @example
 * ```ts
 * import { ChatTemplate, chatTemplate } from '@hadal/nn'
 *
 * const template = new ChatTemplate(chatTemplate)
 * template.render({ messages: [{ role: 'user', content: 'Hi' }] }, true) // → '<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n'
 * ```
 */
export class ChatTemplate {
  /** Equal for templates that write the same: of source, tokens, date and variables. */
  readonly fingerprint: string
  readonly #source: string
  readonly #date: Date
  readonly #variables: Readonly<Record<string, unknown>>

  /** Throws `nn_chat_template_failed` where `source` cannot be parsed. */
  constructor(source: string, options: TemplateOptions = {}) {
    const { bosToken = '', eosToken = '', date = new Date(2024, 6, 26), variables } = options
    attempt(() => checkTemplate(source))
    this.#source = source
    this.#date = date
    this.fingerprint = createHash('sha256')
      .update(JSON.stringify([source, bosToken, eosToken, date.toDateString(), variables ?? {}]))
      .digest('hex')
    this.#variables = { ...variables, bos_token: bosToken, eos_token: eosToken }
  }

  /** `asks` adds the start of a response, as before generation. Throws `nn_chat_template_failed`. */
  render({ messages, tools }: Conversation, asks: boolean): string {
    const variables = { ...this.#variables, messages, add_generation_prompt: asks, ...(tools && { tools }) }
    return attempt(() => renderTemplate(this.#source, variables, { date: this.#date }))
  }
}

function attempt<T>(act: () => T): T {
  try {
    return act()
  } catch (thrown) {
    if (!(thrown instanceof TemplateFailure)) throw thrown
    throw dataTemplateFailed(thrown.message).with({ cause: thrown })
  }
}
