/**
 * A chat template in Jinja, run over conversations of training data. The same text for the same conversation on any day:
 * templates that write the date get one that does not move. Knows nothing about tokens.
 */

import { createHash } from 'node:crypto'
import { messageOf } from '@hadal/base'
import { Environment, Interpreter, Template } from '@huggingface/jinja'
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
  readonly #template: Template
  readonly #variables: Readonly<Record<string, unknown>>

  /** Throws `nn_chat_template_failed` where `source` cannot be parsed. */
  constructor(source: string, options: TemplateOptions = {}) {
    const { bosToken = '', eosToken = '', date = new Date(2024, 6, 26), variables } = options
    this.#template = attempt(() => new Template(source))
    this.fingerprint = createHash('sha256')
      .update(JSON.stringify([source, bosToken, eosToken, date.toDateString(), variables ?? {}]))
      .digest('hex')
    this.#variables = {
      ...variables,
      ...functions,
      bos_token: bosToken,
      eos_token: eosToken,
      strftime_now: (format: unknown) => formatDate(date, String(format)),
    }
  }

  /** With `asks`, the beginning of an answer is written, as before generation. Throws `nn_chat_template_failed`. */
  render({ messages, tools }: Conversation, asks: boolean): string {
    const variables = { ...this.#variables, messages, add_generation_prompt: asks, ...(tools && { tools }) }
    return attempt(() => {
      const environment = new Environment()
      for (const [name, value] of Object.entries(variables)) environment.set(name, value)
      return String(new Interpreter(environment).run(this.#template.parsed).value)
    })
  }
}

const longestRange = 100_000

/** What every template may ask for. `Template.render` has the same, but with today's date. */
const functions: Readonly<Record<string, unknown>> = {
  true: true,
  false: false,
  none: null,
  True: true,
  False: false,
  None: null,
  raise_exception(message: unknown) {
    throw new Error(String(message))
  },
  range(...bounds: unknown[]) {
    const [first = 0, second, step = 1] = bounds.map(Number)
    const [from, to] = second === undefined ? [0, first] : [first, second]
    const length = step === 0 ? Number.NaN : Math.max(0, Math.ceil((to - from) / step))
    if (!(length <= longestRange)) throw new Error(`range(${bounds.join(', ')}) is too long`)
    return Array.from({ length }, (_, k) => from + k * step)
  },
}

function attempt<T>(act: () => T): T {
  try {
    return act()
  } catch (thrown) {
    throw dataTemplateFailed(messageOf(thrown)).with({ cause: thrown })
  }
}

const months = 'January February March April May June July August September October November December'.split(
  ' ',
)

/** Python's `strftime`, as far as templates use it. */
function formatDate(date: Date, format: string): string {
  const pad = (value: number): string => String(value).padStart(2, '0')
  const month = months[date.getMonth()]!
  const fields: Readonly<Record<string, string>> = {
    Y: String(date.getFullYear()),
    m: pad(date.getMonth() + 1),
    d: pad(date.getDate()),
    H: pad(date.getHours()),
    M: pad(date.getMinutes()),
    S: pad(date.getSeconds()),
    b: month.slice(0, 3),
    B: month,
    '%': '%',
  }
  return format.replace(/%(.)/gs, (whole, field: string) => fields[field] ?? whole)
}
