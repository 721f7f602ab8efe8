/** Converts OpenAI's and DeepSeek's chat body to a `Chat`: messages, tools, reasoning, format. */

import type { Chat, Message, Tool, ToolCall, ToolChoice } from '@hadal/chat'
import type { AssistantMessage, ChatMessage, ChatRequest, TextContent } from '@hadal/protocol'
import type { Recall } from '../dialect.ts'
import { invalidField } from '../field-issues.ts'
import type { RequestedFormat } from './answer-format.ts'

/** Looks up reasoning the client dropped, by tool call ids. */
type RecallCalls = (callIds: readonly string[]) => string | undefined

/** Throws `invalid_request`. */
export function readChat(
  body: ChatRequest,
  requested: RequestedFormat | undefined,
  recall: Recall = () => undefined,
): Chat {
  const { tools, toolChoice } = toolsOf(body)
  const continues = continuesLast(body)
  return {
    messages: readMessages(body.messages, (callIds) => recall(callIds, body.user_id), continues),
    ...(tools.length > 0 && { tools, toolChoice }),
    ...(tools.length > 0 && {
      parallelToolCalls: body.functions === undefined && (body.parallel_tool_calls ?? true),
    }),
    ...reasoningOf(body),
    ...(requested !== undefined && { format: requested.format }),
    ...(continues && { continueLast: true }),
    ...(body.add_generation_prompt === false && { addGenerationPrompt: false }),
    ...(body.chat_template_kwargs !== undefined && { templateArguments: body.chat_template_kwargs }),
  }
}

function textOf(content: TextContent | undefined, between: string): string {
  if (content === undefined || typeof content === 'string') return content ?? ''
  return content.map((part) => (part.type === 'text' ? part.text : part.refusal)).join(between)
}

function readMessages(messages: readonly ChatMessage[], recall: RecallCalls, continues: boolean): Message[] {
  /** For legacy function calls, which have no ids: the one awaiting its result. */
  let openCall = ''
  return messages.map((message, index) => {
    // Parts are joined by line breaks, or by blank lines in a prefilled message, as in llama-server.
    const isPrefix = continues && index === messages.length - 1
    const content = textOf(message.content, isPrefix ? '\n\n' : '\n')
    const name = message.name === undefined ? {} : { name: message.name }
    switch (message.role) {
      case 'assistant': {
        if (message.function_call !== undefined) openCall = callId(index, 0)
        return { role: 'assistant', content, ...name, ...callsOf(message, index, recall) }
      }
      case 'tool':
        return { role: 'tool', content, ...name, toolCallId: message.tool_call_id }
      case 'function':
        return { role: 'tool', content, ...name, toolCallId: openCall }
      default:
        // `developer` is OpenAI's newer name for `system`; templates do not know it.
        return { role: message.role === 'developer' ? 'system' : message.role, content, ...name }
    }
  })
}

const callId = (message: number, call: number): string => `call_${message}_${call}`

/** Tool calls and the reasoning before them, which is remembered for clients that do not send it back. */
function callsOf(
  message: AssistantMessage,
  index: number,
  recall: RecallCalls,
): Pick<Message, 'toolCalls' | 'reasoning'> {
  const { function_call: legacy, tool_calls: sent = legacy === undefined ? [] : [{ function: legacy }] } =
    message
  const toolCalls = sent.map((call, k): ToolCall => {
    const { name, arguments: given } = call.function
    const id = call.id ?? callId(index, k)
    return { id, name, arguments: typeof given === 'string' ? given : JSON.stringify(given) }
  })
  // Clients that know the field but did not keep the reasoning send an empty string.
  const sentReasoning = message.reasoning_content || message.reasoning
  const reasoning = sentReasoning || recall(toolCalls.map((call) => call.id))
  return { ...(toolCalls.length > 0 && { toolCalls }), ...(reasoning && { reasoning }) }
}

function toolsOf(body: ChatRequest): { tools: readonly Tool[]; toolChoice: ToolChoice } {
  const definitions = body.functions ?? (body.tools ?? []).map((tool) => tool.function)
  const tools = definitions.map(
    ({ name, description, parameters, strict }): Tool => ({
      name,
      ...(description !== undefined && { description }),
      ...(parameters !== undefined && { parameters }),
      ...(strict === true && { strict }),
    }),
  )
  const check = (name: string, param: string): string => {
    if (tools.some((tool) => tool.name === name)) return name
    throw invalidField(param, `must be the name of a tool, got ${JSON.stringify(name)}`)
  }
  const legacy = body.function_call
  if (typeof legacy === 'object')
    return { tools, toolChoice: { name: check(legacy.name, 'function_call.name') } }
  const choice = body.tool_choice ?? legacy ?? 'auto'
  if (choice === 'required' && tools.length === 0)
    throw invalidField('tool_choice', 'needs tools to choose from')
  if (typeof choice === 'string') return { tools, toolChoice: choice }
  if (choice.type === 'function')
    return { tools, toolChoice: { name: check(choice.function.name, 'tool_choice.function.name') } }
  const allowed = choice.allowed_tools.tools.map((tool, index) =>
    check(tool.function.name, `tool_choice.allowed_tools.tools[${index}].function.name`),
  )
  return { tools: tools.filter((tool) => allowed.includes(tool.name)), toolChoice: choice.allowed_tools.mode }
}

function reasoningOf(body: ChatRequest): Pick<Chat, 'thinking' | 'effort' | 'thinkingBudget'> {
  const { reasoning_effort: effort, thinking, chat_template_kwargs: variables } = body
  const budget =
    thinking?.budget_tokens ??
    body.thinking_budget_tokens ??
    body.thinking_budget ??
    body.reasoning_budget ??
    -1
  const switched = [
    thinking?.type === undefined || thinking.type === 'adaptive' ? undefined : thinking.type === 'enabled',
    body.enable_thinking,
    variables?.enable_thinking,
    variables?.thinking,
    effort === undefined ? undefined : effort !== 'none',
    budget === 0 ? false : undefined,
  ].find((each) => typeof each === 'boolean')
  return {
    ...(switched !== undefined && { thinking: switched }),
    ...(effort !== undefined && effort !== 'none' && { effort: efforts[effort] }),
    ...(budget >= 0 && { thinkingBudget: budget }),
  }
}

export const efforts: Readonly<
  Record<'minimal' | 'low' | 'medium' | 'high' | 'xhigh' | 'max', NonNullable<Chat['effort']>>
> = {
  minimal: 'low',
  low: 'low',
  medium: 'medium',
  high: 'high',
  xhigh: 'max',
  max: 'max',
}

/** DeepSeek's `prefix` or vLLM's flag; otherwise, as in llama-server, if the last message is the assistant's. */
function continuesLast(body: ChatRequest): boolean {
  const { messages, continue_final_message: flag, add_generation_prompt: begins } = body
  const marked = messages.findIndex((message) => message.role === 'assistant' && message.prefix === true)
  const last = messages.length - 1
  if (marked >= 0 && marked < last)
    throw invalidField(`messages[${marked}].prefix`, 'is only for the last message')
  if (flag === true && begins === true)
    throw invalidField('continue_final_message', 'cannot stand beside "add_generation_prompt": true')
  const message = messages[last]!
  const requested =
    marked >= 0 ? `messages[${last}].prefix` : flag === true ? 'continue_final_message' : undefined
  if (message.role !== 'assistant') {
    if (requested === undefined) return false
    throw invalidField(requested, 'needs a last message of the assistant')
  }
  if (message.tool_calls?.length || message.function_call !== undefined) {
    if (requested === undefined) return false
    throw invalidField(requested, 'cannot continue a message that calls tools')
  }
  if (requested !== undefined) return true
  if (flag === false || begins === true) return false
  if (messages[last - 1]?.role === 'assistant')
    throw invalidField(`messages[${last}].role`, 'must not be "assistant" twice at the end')
  return true
}
