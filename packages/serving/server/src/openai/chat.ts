/** POST /v1/chat/completions: converts OpenAI's and DeepSeek's body to a `Generation`. `chat-answer.ts` formats the response. */

import { randomUUID } from 'node:crypto'
import { type ChatRequest, chatRequestSchema, parse } from '@hadal/protocol'
import { chatGeneration } from '../chat-generation.ts'
import type { Dialect, DialectContext, Exchange } from '../dialect.ts'
import { refuse } from '../field-issues.ts'
import type { Generation } from '../generation.ts'
import { chatByDefault } from '../request-defaults.ts'
import { requestedFormat } from './answer-format.ts'
import { blaming } from './blaming.ts'
import { chatExchange } from './chat-answer.ts'
import type { AnswerManner } from './chat-shape.ts'
import { deepseekErrors } from './deepseek-errors.ts'
import { readChat } from './read-chat.ts'
import { checkSequences, sequenceFields, spellingOf, tokenLimit } from './read-request.ts'
import { promptText } from './verbose-answer.ts'

export const openaiChat: Dialect = {
  paths: ['/v1/chat/completions', '/chat/completions'],
  read: (body, context) => readExchange(body, context, 'openai'),
}

/** DeepSeek's beta base URL: the same route with DeepSeek's status codes and its finish reason for interrupted streams. */
export const deepseekChat: Dialect = {
  ...deepseekErrors,
  paths: ['/beta/chat/completions', '/beta/v1/chat/completions'],
  read: (body, context) => readExchange(body, context, 'deepseek'),
}

async function readExchange(
  input: unknown,
  context: DialectContext,
  manner: AnswerManner,
): Promise<Exchange> {
  const body = context.accept(parse(chatRequestSchema, input))
  const generation = await readGeneration(body, context)
  // Streams have no field for it.
  const { asSent = String } = context
  const isVerbose = body.stream !== true && (body.verbose ?? context.defaults.verbose ?? false)
  const shownPrompt = isVerbose ? asSent(await promptText(generation)) : undefined
  return chatExchange(generation, body, context.now, manner, shownPrompt)
}

async function readGeneration(
  body: ChatRequest,
  { models, defaults, recall, maxSequences }: DialectContext,
): Promise<Generation> {
  const modality = body.modalities?.find((each) => each !== 'text')
  if (modality !== undefined) refuse('modalities', JSON.stringify(modality))
  if (body.web_search_options !== undefined) refuse('web_search_options', 'searching the web from here')
  const n = body.n ?? 1
  checkSequences(1, n, maxSequences)
  const engine = models.find(body.model)
  const requested = requestedFormat(body)
  const chat = chatByDefault(defaults, readChat(body, requested, recall))
  const limit = limitField(body)
  const { parser, ...generation } = await chatGeneration({
    id: `chatcmpl-${randomUUID()}`,
    engine,
    chat,
    sequence: {
      ...sequenceFields(body, engine),
      ...tokenLimit(body[limit]),
      ...(body.logprobs === true && { topLogprobs: body.top_logprobs ?? 0 }),
    },
    spelling: spellingOf(body, {
      prompt: 'messages',
      maxTokens: limit,
      topLogprobs: 'top_logprobs',
      grammar: requested?.param ?? 'tools',
    }),
  }).catch(blaming(requested?.param ?? 'tools', (name) => schemaField(body, name)))
  return { ...generation, n, ...(parsesOutput(body) && parser && { parser }) }
}

/** The first field present is used. */
const limitField = (body: ChatRequest): 'max_completion_tokens' | 'max_tokens' | 'n_predict' => {
  if (body.max_completion_tokens !== undefined) return 'max_completion_tokens'
  return body.max_tokens === undefined && body.n_predict !== undefined ? 'n_predict' : 'max_tokens'
}

/** With `none`, reasoning stays in the content unparsed. */
function parsesOutput({ reasoning_format, tools, functions }: ChatRequest): boolean {
  if (reasoning_format !== 'none') return true
  if (tools?.length || functions?.length) refuse('reasoning_format', '"none" together with tools')
  return false
}

/** The field of a tool's schema. */
function schemaField({ tools, functions }: ChatRequest, name: string): string {
  if (functions !== undefined)
    return `functions[${functions.findIndex((tool) => tool.name === name)}].parameters`
  const index = tools?.findIndex((tool) => tool.function.name === name) ?? 0
  return `tools[${index}].function.parameters`
}
