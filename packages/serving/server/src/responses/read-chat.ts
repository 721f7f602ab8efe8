/** Converts a response's instructions, input items, tools and reasoning to a `Chat`. */

import type { AnswerFormat, Chat, Message, Tool, ToolChoice } from '@hadal/chat'
import type {
  ResponseContent,
  ResponseInputItem,
  ResponseItemReference,
  ResponseOutputItem,
  ResponsePromptFields,
  ResponseTextFormat,
  ResponseTool,
} from '@hadal/protocol'
import type { Recall } from '../dialect.ts'
import { invalidField, refuse } from '../field-issues.ts'
import { mergeTurns } from '../merge-turns.ts'
import { unpackReasoning } from '../opaque-reasoning.ts'
import { efforts } from '../openai/read-chat.ts'

/** Looks up an item of a recent response to the same client. */
export type RecallItem = (id: string) => ResponseOutputItem | undefined

/** Throws `invalid_request`, and `unsupported_parameter` for features that need stored responses or server-side tools. */
export function readChat(
  body: ResponsePromptFields,
  recallItem: RecallItem,
  recall: Recall = () => undefined,
): Chat {
  if (body.previous_response_id !== undefined)
    refuse(
      'previous_response_id',
      'a response is not stored, and going on from one (send its items as input)',
    )
  if (body.conversation !== undefined)
    refuse('conversation', 'a conversation is not stored, and going on with one (send its items as input)')
  const { instructions, input } = body
  const said: Message[] = instructions === undefined ? [] : [{ role: 'system', content: instructions }]
  if (typeof input === 'string') said.push({ role: 'user', content: input })
  else said.push(...readItems(input.map((item, index) => itemOf(item, recallItem, `input[${index}]`))))
  const { tools, toolChoice } = readTools(body)
  const effort = body.reasoning?.effort
  const format = readFormat(body.text?.format)
  return {
    // Reasoning, text and calls of an assistant are separate items; templates expect a single turn.
    messages: mergeTurns(said, ['system', 'assistant']).map((message) => withReasoning(message, recall)),
    ...(tools.length > 0 && { tools, toolChoice, parallelToolCalls: body.parallel_tool_calls ?? true }),
    ...(effort !== undefined && { thinking: effort !== 'none' }),
    ...(effort !== undefined && effort !== 'none' && { effort: efforts[effort] }),
    ...(format !== undefined && { format }),
  }
}

function withReasoning(message: Message, recall: Recall): Message {
  if (message.toolCalls === undefined || message.reasoning !== undefined) return message
  const reasoning = recall(message.toolCalls.map(({ id }) => id))
  return reasoning === undefined ? message : { ...message, reasoning }
}

type Item = Exclude<ResponseInputItem, ResponseItemReference>

/** Resolves item references. */
function itemOf(item: ResponseInputItem, recallItem: RecallItem, param: string): Item {
  if (item.type !== 'item_reference') return item
  const remembered = recallItem(item.id)
  if (remembered !== undefined) return remembered
  const instead = 'send the item itself, as clients do with "store": false'
  throw invalidField(
    `${param}.id`,
    `is not that of an item which is still remembered (${instead}), got ${JSON.stringify(item.id)}`,
  )
}

function readItems(items: readonly Item[]): Message[] {
  const names = new Map<string, string>()
  return items.map((item, index): Message => {
    const at = `input[${index}]`
    switch (item.type) {
      case 'message':
      case undefined:
        // `developer` is the newer name for `system`; templates do not know it.
        return {
          role: item.role === 'developer' ? 'system' : item.role,
          content: textOf(item.content, `${at}.content`),
        }
      case 'function_call': {
        const { call_id: id, name, arguments: given } = item
        names.set(id, name)
        return { role: 'assistant', content: '', toolCalls: [{ id, name, arguments: given }] }
      }
      case 'function_call_output': {
        const name = names.get(item.call_id)
        return {
          role: 'tool',
          content: textOf(item.output, `${at}.output`),
          toolCallId: item.call_id,
          ...(name !== undefined && { name }),
        }
      }
      case 'reasoning': {
        const texts = item.content?.length ? item.content : (item.summary ?? [])
        const reasoning = unpackReasoning(item.encrypted_content) ?? texts.map(({ text }) => text).join('\n')
        return { role: 'assistant', content: '', ...(reasoning !== '' && { reasoning }) }
      }
      default:
        return refuse(at, `an item of type ${JSON.stringify(item.type)}`)
    }
  })
}

const textParts = ['input_text', 'output_text', 'text']

function textOf(content: ResponseContent, param: string): string {
  if (typeof content === 'string') return content
  return content
    .map(({ type, text, refusal }, index) => {
      const [field, value] = type === 'refusal' ? ['refusal', refusal] : ['text', text]
      if (type !== 'refusal' && !textParts.includes(type))
        refuse(
          `${param}[${index}]`,
          type === 'input_image' ? 'image input' : `a part of type ${JSON.stringify(type)}`,
        )
      if (value === undefined) throw invalidField(`${param}[${index}].${field}`, 'is required')
      return value
    })
    .join('')
}

function readTools({ tools: given = [], tool_choice: choice = 'auto' }: ResponsePromptFields): {
  tools: readonly Tool[]
  toolChoice: ToolChoice
} {
  const tools = given.map(readTool)
  const check = (name: string | undefined, param: string): string => {
    if (name !== undefined && tools.some((tool) => tool.name === name)) return name
    throw invalidField(param, 'must be the name of a tool')
  }
  if (choice === 'required' && tools.length === 0)
    throw invalidField('tool_choice', 'needs tools to choose from')
  if (typeof choice === 'string') return { tools, toolChoice: choice }
  if (choice.type === 'function')
    return { tools, toolChoice: { name: check(choice.name, 'tool_choice.name') } }
  if (choice.type !== 'allowed_tools')
    return refuse('tool_choice.type', `the built-in tool ${JSON.stringify(choice.type)}`)
  const allowed = (choice.tools ?? []).map(({ name }, index) =>
    check(name, `tool_choice.tools[${index}].name`),
  )
  return { tools: tools.filter(({ name }) => allowed.includes(name)), toolChoice: choice.mode ?? 'auto' }
}

function readTool({ type, name, description, parameters, strict }: ResponseTool, index: number): Tool {
  if (type !== 'function') refuse(`tools[${index}].type`, `the built-in tool ${JSON.stringify(type)}`)
  return {
    name: name!,
    ...(description !== undefined && { description }),
    ...(parameters !== undefined && { parameters }),
    ...(strict === true && { strict }),
  }
}

function readFormat(format: ResponseTextFormat | undefined): AnswerFormat | undefined {
  if (format === undefined || format.type === 'text') return undefined
  return format.type === 'json_object' ? { type: 'json' } : { type: 'schema', schema: format.schema }
}
