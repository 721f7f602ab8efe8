/** Tools and calls as JSON in the form that templates with tool support use. */

import { isPlainObject } from '@hadal/base'
import type { Tool, ToolCall } from '../conversation.ts'
import { parsed } from '../parse/json-reader.ts'

/** With the spacing of Python's `json.dumps`, on which models were trained. */
export function json(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(json).join(', ')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null'
  const members = Object.entries(value).filter(([, member]) => member !== undefined)
  return `{${members.map(([key, member]) => `${JSON.stringify(key)}: ${json(member)}`).join(', ')}}`
}

/** A tool in OpenAI's format. */
export function toolObject({ name, description, parameters }: Tool): Record<string, unknown> {
  return {
    type: 'function',
    function: {
      name,
      ...(description !== undefined && { description }),
      parameters: parameters ?? { type: 'object', properties: {} },
    },
  }
}

/** One tool per line. */
export function listOfTools(tools: readonly Tool[]): string {
  return tools.map((tool) => json(toolObject(tool))).join('\n')
}

/** The parsed arguments, if they are an object. */
export function argumentsOf(call: ToolCall): Readonly<Record<string, unknown>> | undefined {
  const value = parsed(call.arguments.trim() === '' ? '{}' : call.arguments)
  return isPlainObject(value) ? (value as Record<string, unknown>) : undefined
}
