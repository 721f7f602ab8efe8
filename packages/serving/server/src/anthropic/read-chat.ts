/** Converts Anthropic's system prompt, messages, tools and thinking to a `Chat`. */

import type { Chat, Message, Tool, ToolCall, ToolChoice } from '@hadal/chat'
import type {
  AnthropicBlock,
  AnthropicMessageParam,
  AnthropicPromptFields,
  AnthropicTool,
  AnthropicToolResult,
} from '@hadal/protocol'
import type { Recall } from '../dialect.ts'
import { refuse } from '../field-issues.ts'
import { mergeTurns } from '../merge-turns.ts'
import { unpackReasoning } from '../opaque-reasoning.ts'
import { efforts } from '../openai/read-chat.ts'

/** Throws `unsupported_parameter` for content a text model cannot read and tools this server cannot run. */
export function readChat(body: AnthropicPromptFields, recall: Recall = () => undefined): Chat {
  const { system, tools, tool_choice: choice, thinking, output_config: output } = body
  if (body.mcp_servers?.length) refuse('mcp_servers', 'calling MCP servers from here')
  const names = toolNames(body.messages)
  const said = body.messages.flatMap((message, at) =>
    readMessage(message, `messages[${at}].content`, names, recall),
  )
  const format = output?.format ?? body.output_format
  const effort = output?.effort
  return {
    messages: mergeTurns(
      system === undefined ? said : [{ role: 'system', content: textOf(system) }, ...said],
      ['system', 'user', 'assistant'],
    ),
    ...(tools?.length && { tools: tools.map(readTool) }),
    ...(choice !== undefined && { toolChoice: readChoice(choice) }),
    ...(choice?.disable_parallel_tool_use === true && { parallelToolCalls: false }),
    ...(thinking !== undefined && { thinking: shallThink(thinking.type, said) }),
    ...(thinking?.budget_tokens !== undefined && { thinkingBudget: thinking.budget_tokens }),
    ...(effort !== undefined && { effort: efforts[effort] }),
    ...(format !== undefined && { format: { type: 'schema', schema: format.schema } }),
    ...(body.messages.at(-1)?.role === 'assistant' && { continueLast: true }),
  }
}

function shallThink(
  type: NonNullable<AnthropicPromptFields['thinking']>['type'],
  said: readonly Message[],
): boolean {
  if (type === 'between_tools') return said.at(-1)?.role === 'tool'
  // Claude models with adaptive thinking think in most cases.
  return type !== 'disabled'
}

/** Tool results are part of a user message in Anthropic's API; in a chat they are separate messages. */
function readMessage(
  { role, content }: AnthropicMessageParam,
  param: string,
  names: ReadonlyMap<string, string>,
  recall: Recall,
): Message[] {
  if (typeof content === 'string') return [{ role, content }]
  if (role === 'assistant') return [readTurn(content, param, recall)]
  const messages: Message[] = []
  let texts: string[] = []
  const flush = (): void => {
    if (texts.length > 0) messages.push({ role, content: texts.join('\n') })
    texts = []
  }
  for (const [index, block] of content.entries()) {
    const at = `${param}[${index}]`
    if (block.type === 'text') texts.push(block.text)
    else if (block.type === 'tool_result') {
      flush()
      const name = names.get(block.tool_use_id)
      messages.push({
        role: 'tool',
        content: readResult(block, at),
        toolCallId: block.tool_use_id,
        ...(name !== undefined && { name }),
      })
    } else refuseBlock(block, at)
  }
  flush()
  return messages.length > 0 ? messages : [{ role, content: '' }]
}

function readTurn(blocks: readonly AnthropicBlock[], param: string, recall: Recall): Message {
  const texts: string[] = []
  const thoughts: string[] = []
  const toolCalls: ToolCall[] = []
  for (const [index, block] of blocks.entries()) {
    if (block.type === 'text') texts.push(block.text)
    else if (block.type === 'thinking')
      thoughts.push(block.thinking || (unpackReasoning(block.signature) ?? ''))
    else if (block.type === 'tool_use')
      toolCalls.push({ id: block.id, name: block.name, arguments: JSON.stringify(block.input ?? {}) })
    // Redacted thinking comes from another server and cannot be read here.
    else if (block.type !== 'redacted_thinking') refuseBlock(block, `${param}[${index}]`)
  }
  const reasoning = thoughts.join('\n') || recall(toolCalls.map(({ id }) => id)) || ''
  return {
    role: 'assistant',
    content: texts.join('\n'),
    ...(reasoning !== '' && { reasoning }),
    ...(toolCalls.length > 0 && { toolCalls }),
  }
}

function readResult({ content = '', is_error: failed }: AnthropicToolResult, param: string): string {
  const text =
    typeof content === 'string'
      ? content
      : content
          .map((block, index) =>
            block.type === 'text' ? block.text : refuseBlock(block, `${param}.content[${index}]`),
          )
          .join('\n')
  return failed === true && !/^\W*error\b/i.test(text) ? `Error: ${text}` : text
}

function toolNames(messages: readonly AnthropicMessageParam[]): ReadonlyMap<string, string> {
  const blocks = messages.flatMap(({ content }) => (typeof content === 'string' ? [] : content))
  return new Map(blocks.flatMap((block) => (block.type === 'tool_use' ? [[block.id, block.name]] : [])))
}

function readTool({ type, name, description, input_schema, strict }: AnthropicTool, index: number): Tool {
  if (type !== undefined && type !== 'custom')
    refuse(`tools[${index}].type`, `${JSON.stringify(type)}, a tool that Anthropic defines,`)
  return {
    name: name!,
    ...(description !== undefined && { description }),
    parameters: input_schema!,
    ...(strict !== undefined && { strict }),
  }
}

function readChoice({ type, name }: NonNullable<AnthropicPromptFields['tool_choice']>): ToolChoice {
  if (type === 'tool') return { name: name! }
  return type === 'any' ? 'required' : type
}

function textOf(content: NonNullable<AnthropicPromptFields['system']>): string {
  const text = typeof content === 'string' ? content : content.map((block) => block.text).join('\n')
  // Removes Claude Code's per-request checksum: it means nothing to a model and would defeat prefix caching.
  return text.replace(
    /^(x-anthropic-billing-header:[^\n]*?\bcch=)\w{5}(?=;)/,
    (_, head: string) => `${head}00000`,
  )
}

const refuseBlock = ({ type }: AnthropicBlock, param: string): never =>
  refuse(
    param,
    type === 'image' ? 'image input' : `a content block of type ${JSON.stringify(type)} in this place`,
  )
