/**
 * Walks a request body of any dialect and visits every text a model reads, with its author's role. Runs before validation: unknown shapes
 * are skipped here and rejected by the dialect later. Pure.
 */

import { isPlainObject } from '@hadal/base'
import { chatMarks, type Role } from '@hadal/guard'
import { invalidRequest } from '../errors.ts'

type Fields = Readonly<Record<string, unknown>>
/** Returns the replacement for a text. */
type Visit = (text: string, role: Role) => string

const deepest = 8
/** JSON Schema keywords whose values appear verbatim in the prompt. Names are handled separately. */
const describing = ['description', 'title', '$comment', 'enum', 'const', 'default', 'examples']
/** Group of tool descriptions. */
export const describedGroup: number = -1

const roles: ReadonlyMap<unknown, Role> = new Map([
  ['system', 'system'],
  ['developer', 'system'],
  ['user', 'user'],
  ['assistant', 'assistant'],
  ['tool', 'tool'],
  ['function', 'tool'],
])
/** Parts of a user message with third-party content. */
const foreign: ReadonlySet<unknown> = new Set(['tool_result', 'document', 'search_result'])

export class BodyWalk {
  /** Group of the visited text. */
  group = 0
  hasTokens = false
  readonly #visit: Visit
  #lastRole: Role | undefined

  constructor(visit: Visit) {
    this.#visit = visit
  }

  /** Returns a copy with the visitor's replacements. Throws `invalid_request` for excessive nesting. */
  body(body: unknown): unknown {
    if (!isPlainObject(body)) return body
    const { system, instructions, messages, input, tools, functions, documents } = body
    const { chat_template_kwargs: variables } = body
    return {
      ...body,
      ...(system !== undefined && { system: this.#apart(() => this.#content(system, 'system')) }),
      ...(instructions !== undefined && {
        instructions: this.#apart(() => this.#content(instructions, 'system')),
      }),
      ...(documents !== undefined && { documents: this.#apart(() => this.#strings(documents, 'tool', 0)) }),
      ...(isList(messages) && { messages: messages.map((message) => this.#message(message)) }),
      ...(input !== undefined && { input: this.#input(input) }),
      ...this.#prompts(body),
      ...(variables !== undefined && {
        chat_template_kwargs: this.#apart(() => this.#strings(variables, 'user', 0)),
      }),
      ...(isList(tools) && { tools: this.#described(tools) }),
      ...(isList(functions) && { functions: this.#described(functions) }),
    }
  }

  /** For completions and fill-in-the-middle. */
  #prompts(body: Fields): Fields {
    const { input_extra: files, input_prefix: prefix, prompt, input_suffix: end, suffix } = body
    // A list of texts is several prompts; mixed texts and tokens, or tokens only, are one.
    const prompts =
      isList(prompt) && !(prompt.some(isToken) && prompt.every((each) => isToken(each) || isText(each)))
        ? prompt
        : undefined
    const apart = (each: unknown): unknown => this.#apart(() => this.#mixed(each))
    const begins = prefix !== undefined && prompts === undefined
    return {
      ...(isList(files) && { input_extra: files.map((file) => this.#apart(() => this.#file(file))) }),
      ...(begins && this.#begun(prefix, prompt)),
      ...(!begins && prefix !== undefined && { input_prefix: apart(prefix) }),
      ...(!begins && prompt !== undefined && { prompt: prompts?.map(apart) ?? apart(prompt) }),
      ...(end !== undefined && { input_suffix: apart(end) }),
      ...(suffix !== undefined && { suffix: apart(suffix) }),
    }
  }

  /** For fill-in-the-middle: the prompt continues the prefix. */
  #begun(prefix: unknown, prompt: unknown): Fields {
    return this.#apart(() => ({
      input_prefix: this.#mixed(prefix),
      ...(prompt !== undefined && { prompt: this.#mixed(prompt) }),
    }))
  }

  #mixed(value: unknown): unknown {
    if (typeof value === 'string') return this.#raw(value, 'user')
    if (typeof value === 'number') this.hasTokens = true
    if (isList(value)) return value.map((part) => (isList(part) ? part : this.#mixed(part)))
    if (!isPlainObject(value)) return value
    const { prompt_string: text, variables } = value
    return {
      ...value,
      ...(typeof text === 'string' && { prompt_string: this.#raw(text, 'user') }),
      ...(isPlainObject(variables) && { variables: this.#variables(variables) }),
    }
  }

  /** Variables of a stored prompt in the Responses API: texts, or parts with a text. */
  #variables(variables: Fields): Fields {
    return Object.fromEntries(
      Object.entries(variables).map(([name, value]) => [name, this.#content(value, 'user')]),
    )
  }

  /** Screens only the text between template markup: raw prompts contain the markup legitimately, as does code about it. */
  #raw(prompt: string, role: Role): string {
    let raw = ''
    let at = 0
    for (const { start, end } of chatMarks(prompt)) {
      raw += this.#visit(prompt.slice(at, start), role) + prompt.slice(start, end)
      at = end
    }
    return raw + this.#visit(prompt.slice(at), role)
  }

  #file(file: unknown): unknown {
    if (!isPlainObject(file)) return file
    const { filename, text } = file
    return {
      ...file,
      ...(typeof filename === 'string' && { filename: this.#name(filename, 'tool') }),
      ...(typeof text === 'string' && { text: this.#raw(text, 'tool') }),
    }
  }

  #message(message: unknown): unknown {
    if (!isPlainObject(message)) return message
    const role = roles.get(message.role) ?? 'user'
    return this.#within(role, () => this.#said(message, role))
  }

  #said(message: Fields, role: Role): Fields {
    const {
      name,
      content,
      reasoning,
      reasoning_content: thoughts,
      tool_calls: calls,
      function_call: call,
    } = message
    return {
      ...message,
      ...(typeof name === 'string' && { name: this.#name(name, role) }),
      ...(typeof thoughts === 'string' && { reasoning_content: this.#visit(thoughts, role) }),
      ...(typeof reasoning === 'string' && { reasoning: this.#visit(reasoning, role) }),
      ...(content !== undefined && { content: this.#content(content, role) }),
      ...(isList(calls) && { tool_calls: calls.map((each) => this.#call(each)) }),
      ...(call !== undefined && { function_call: this.#called(call) }),
    }
  }

  #call(call: unknown): unknown {
    return isPlainObject(call) ? { ...call, function: this.#called(call.function) } : call
  }

  #called(called: unknown): unknown {
    if (!isPlainObject(called)) return called
    const { arguments: given } = called
    return { ...called, arguments: this.#strings(given, 'assistant', 0) }
  }

  /** Input of the Responses API: a text, or items, some of which are messages. */
  #input(input: unknown): unknown {
    if (!isList(input)) return this.#within('user', () => this.#content(input, 'user'))
    return input.map((item) => {
      if (typeof item === 'string') return this.#within('user', () => this.#visit(item, 'user'))
      if (!isPlainObject(item)) return item
      const { type, content, arguments: given, output, summary } = item
      if (type === 'reasoning')
        return this.#within('assistant', () => ({
          ...item,
          ...(content !== undefined && { content: this.#content(content, 'assistant') }),
          ...(summary !== undefined && { summary: this.#content(summary, 'assistant') }),
        }))
      // The type alone decides which fields are read.
      return {
        ...(content === undefined ? item : (this.#message(item) as Fields)),
        ...(output !== undefined && {
          output: this.#within('tool', () => this.#content(output, 'tool')),
        }),
        ...(given !== undefined && {
          arguments: this.#within('assistant', () => this.#strings(given, 'assistant', 0)),
        }),
      }
    })
  }

  /** A text or parts. In Anthropic's API a user message also contains tool results and documents. */
  #content(content: unknown, role: Role, depth = 0): unknown {
    if (depth > deepest) throw tooDeep()
    if (typeof content === 'string') return this.#visit(content, role)
    if (isList(content)) return content.map((part) => this.#content(part, role, depth + 1))
    if (!isPlainObject(content)) return content
    const { type, text, refusal, thinking, title, context, content: inner, source, input } = content
    const author = foreign.has(type) ? 'tool' : role
    const read = (): Fields => ({
      ...content,
      ...(typeof text === 'string' && { text: this.#visit(text, author) }),
      ...(typeof refusal === 'string' && { refusal: this.#visit(refusal, author) }),
      ...(typeof thinking === 'string' && { thinking: this.#visit(thinking, author) }),
      ...(typeof title === 'string' && { title: this.#visit(title, author) }),
      ...(typeof context === 'string' && { context: this.#visit(context, author) }),
      ...(inner !== undefined && { content: this.#content(inner, author, depth + 1) }),
      ...(isPlainObject(source) &&
        source.type === 'text' && { source: this.#strings(source, author, depth, ['data']) }),
      ...(isPlainObject(source) &&
        source.type === 'content' && { source: this.#content(source, author, depth + 1) }),
      ...(type === 'tool_use' && input !== undefined && { input: this.#strings(input, author, depth) }),
    })
    return author === role ? read() : this.#apart(read)
  }

  /** Visits names that contain more than an identifier. */
  #name(name: string, role: Role): string {
    return /^[\w.-]{1,64}$/.test(name) ? name : this.#visit(name, role)
  }

  #described(tools: readonly unknown[]): unknown[] {
    const group = this.group
    this.group = describedGroup
    const described = tools.map((tool) => this.#strings(tool, 'system', 0, describing))
    this.group = group
    return described
  }

  /** Visits every string in a value; with `keys`, only those below one of them. */
  #strings(
    value: unknown,
    role: Role,
    depth: number,
    keys?: readonly string[],
    isWanted = keys === undefined,
  ): unknown {
    if (depth > 4 * deepest) throw tooDeep()
    if (typeof value === 'string') return isWanted ? this.#visit(value, role) : value
    if (isList(value)) return value.map((each) => this.#strings(each, role, depth + 1, keys, isWanted))
    if (!isPlainObject(value)) return value
    return Object.fromEntries(
      Object.entries(value).map(([key, each]) => [
        key,
        this.#strings(each, role, depth + 1, keys, keys === undefined || keys.includes(key)),
      ]),
    )
  }

  /** Stays in the preceding group if it has the same role. */
  #within<T>(role: Role, read: () => T): T {
    if (role !== this.#lastRole) this.group += 1
    this.#lastRole = role
    return read()
  }

  /** Runs in a new group. */
  #apart<T>(read: () => T): T {
    this.group += 1
    this.#lastRole = undefined
    const value = read()
    this.group += 1
    return value
  }
}

const tooDeep = (): Error => invalidRequest([{ param: '', message: 'is nested too deeply to be read' }])

const isToken = (value: unknown): boolean => typeof value === 'number'
const isText = (value: unknown): boolean => typeof value === 'string'
const isList = (value: unknown): value is readonly unknown[] => Array.isArray(value)
