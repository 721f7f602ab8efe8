/** POST /v1/chat/completions: OpenAI's and DeepSeek's body to a `Generation`. How it is answered stands in `chat-answer.ts`. */

import { randomUUID } from 'node:crypto'
import { isHadalError } from '@hadal/base'
import { type ChatRequest, chatRequestSchema, parse } from '@hadal/protocol'
import { chatGeneration } from '../chat-generation.ts'
import type { Dialect } from '../dialect.ts'
import { askedFormat } from './answer-format.ts'
import { chatExchange } from './chat-answer.ts'
import { deepseekErrors } from './deepseek-errors.ts'
import { readChat } from './read-chat.ts'
import { checkSequences, refuse, sequenceFields, spellingOf, tokenLimit } from './read-request.ts'

export const openaiChat: Dialect = {
  paths: ['/v1/chat/completions', '/chat/completions'],
  async read(input, { models, accept, reasoning, maxSequences, now }) {
    const body = accept(parse(chatRequestSchema, input))
    const modality = body.modalities?.find((each) => each !== 'text')
    if (modality !== undefined) refuse('modalities', JSON.stringify(modality))
    checkSequences(1, body.n ?? 1, maxSequences)
    const asked = askedFormat(body)
    const prepared = blaming(asked?.param ?? 'tools', () =>
      chatGeneration({
        id: `chatcmpl-${randomUUID()}`,
        engine: models.find(body.model),
        chat: readChat(body, asked, reasoning),
        sequence: {
          ...sequenceFields(body, models.find(body.model)),
          ...tokenLimit(body.max_completion_tokens ?? body.max_tokens),
          ...(body.logprobs === true && { topLogprobs: body.top_logprobs ?? 0 }),
        },
        spelling: spellingOf(body, {
          prompt: 'messages',
          maxTokens: body.max_completion_tokens === undefined ? 'max_tokens' : 'max_completion_tokens',
          topLogprobs: 'top_logprobs',
          grammar: asked?.param,
        }),
      }),
    )
    const { parser, ...generation } = prepared
    return chatExchange(
      { ...generation, n: body.n ?? 1, ...(parsesOutput(body) && parser && { parser }) },
      body,
      now,
    )
  },
}

/** The same under DeepSeek's base URL for what it has in beta, with its statuses. */
export const deepseekChat: Dialect = {
  ...openaiChat,
  ...deepseekErrors,
  paths: ['/beta/chat/completions', '/beta/v1/chat/completions'],
}

/** With `none` the reasoning stays in the content, as the model wrote it. */
function parsesOutput({ reasoning_format, tools, functions }: ChatRequest): boolean {
  if (reasoning_format !== 'none') return true
  if (tools?.length || functions?.length) refuse('reasoning_format', '"none" together with tools')
  return false
}

/** What no grammar can be made of is the fault of the field that asked for it. */
function blaming<T>(param: string, prepare: () => T): T {
  try {
    return prepare()
  } catch (thrown) {
    if (!isHadalError(thrown) || thrown.param !== undefined || !/^(schema|regex)_/.test(thrown.code))
      throw thrown
    throw thrown.with({ param })
  }
}
