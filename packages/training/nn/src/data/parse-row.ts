/**
 * Parses one row of training data: a text, or a conversation. Pure. Returns issues rather than throwing, because the reader knows
 * the line.
 */

import { isPlainObject } from '@hadal/base'

/** A message as a chat template takes it: role, content, and family-specific fields (tool_calls, reasoning). */
export interface TrainingMessage extends Readonly<Record<string, unknown>> {
  readonly role: string
}

export interface Conversation {
  readonly messages: readonly TrainingMessage[]
  /** Handed to the template as they are. */
  readonly tools?: readonly unknown[]
}

export type TrainingDocument = { readonly text: string } | Conversation

export interface RowFields {
  /** Field of a row's text. Default `text`. */
  readonly textField?: string
  /** Field of a row's conversation. Default `messages`. */
  readonly messagesField?: string
}

export type ParsedRow = { readonly document: TrainingDocument } | { readonly issue: string }

/**
 * Takes one line of a JSONL file. A row that has both fields is a conversation.
 *
 * @example
 * ```ts
 * import { parseRow } from '@hadal/nn'
 *
 * parseRow('{"text": "Once upon a time"}') // → { document: { text: 'Once upon a time' } }
 * parseRow('{"txt": 1}')
 * ```
 */
export function parseRow(line: string, fields: RowFields = {}): ParsedRow {
  let row: unknown
  try {
    row = JSON.parse(line)
  } catch (thrown) {
    return { issue: `not valid JSON: ${(thrown as SyntaxError).message}` }
  }
  return isPlainObject(row)
    ? parseRowObject(row, fields)
    : { issue: `each row must be a JSON object, got ${kindOf(row)}` }
}

/** The same of a row that is taken apart already. */
export function parseRowObject(row: Readonly<Record<string, unknown>>, fields: RowFields = {}): ParsedRow {
  const { textField = 'text', messagesField = 'messages' } = fields
  if (Object.hasOwn(row, messagesField)) return parseConversation(row, messagesField)
  if (!Object.hasOwn(row, textField)) {
    const keys = Object.keys(row).slice(0, 8)
    const found = keys.length === 0 ? 'nothing' : keys.map((key) => JSON.stringify(key)).join(', ')
    return { issue: `the row has neither ${textField} nor ${messagesField}; found ${found}` }
  }
  const text = row[textField]
  if (typeof text !== 'string') return { issue: `${textField} must be a string, got ${kindOf(text)}` }
  return text === '' ? { issue: `${textField} is empty` } : { document: { text } }
}

function parseConversation(row: Readonly<Record<string, unknown>>, field: string): ParsedRow {
  const { [field]: messages, tools } = row
  if (!Array.isArray(messages)) return { issue: `${field} must be a list, got ${kindOf(messages)}` }
  if (messages.length === 0) return { issue: `${field} is empty` }
  for (const [index, message] of messages.entries()) {
    const issue = messageIssue(message)
    if (issue !== undefined) return { issue: `${field}[${index}]${issue}` }
  }
  if (!messages.some(({ role }) => role === 'assistant'))
    return { issue: `${field} needs at least one assistant message to train on` }
  if (tools !== undefined && tools !== null && !Array.isArray(tools))
    return { issue: `tools must be a list, got ${kindOf(tools)}` }
  return { document: { messages, ...(Array.isArray(tools) && { tools }) } }
}

function messageIssue(message: unknown): string | undefined {
  if (!isPlainObject(message)) return ` must be an object, got ${kindOf(message)}`
  const { role, content, tool_calls: calls } = message
  if (typeof role !== 'string' || role === '') return `.role must be a string, got ${kindOf(role)}`
  if (typeof content === 'string') return undefined
  if (content === null || content === undefined)
    return Array.isArray(calls) && calls.length > 0 ? undefined : '.content is missing'
  return Array.isArray(content) && content.every(isPlainObject)
    ? undefined
    : `.content must be a string or a list of parts, got ${kindOf(content)}`
}

function kindOf(value: unknown): string {
  if (value === undefined) return 'missing'
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'a list'
  return typeof value === 'object' ? 'an object' : `the ${typeof value} ${JSON.stringify(value).slice(0, 40)}`
}
