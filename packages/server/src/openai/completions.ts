/** POST /v1/completions: OpenAI's body to a `Generation`. How the answer is written stands in `completion-answer.ts`. */

import { randomUUID } from 'node:crypto'
import {
  type CompletionPrompt,
  type CompletionRequest,
  completionRequestSchema,
  parse,
} from '@hadal/protocol'
import { inClientsWords } from '../client-spelling.ts'
import type { Dialect } from '../dialect.ts'
import type { Generation } from '../generation.ts'
import { completionExchange } from './completion-answer.ts'
import { checkSequences, refuse, sequenceFields, spellingOf } from './read-request.ts'

/** OpenAI's default for this API. */
const defaultMaxTokens = 16

export const openaiCompletions: Dialect = {
  paths: ['/v1/completions', '/beta/completions', '/beta/v1/completions'],
  async read(input, { models, accept, maxSequences, now }) {
    const body = accept(parse(completionRequestSchema, input, 'prompt'))
    refuseUnsupported(body)
    const engine = models.find(body.model)
    const prompts = promptsOf(body.prompt)
    checkSequences(prompts.length, body.n ?? 1, maxSequences)
    const generation: Generation = {
      id: `cmpl-${randomUUID()}`,
      engine,
      texts: prompts.flatMap((text) => (typeof text === 'string' ? [{ role: 'user', text }] : [])),
      prompts,
      n: body.n ?? 1,
      sequence: {
        ...sequenceFields(body),
        maxTokens: body.max_tokens ?? defaultMaxTokens,
        ...(body.logprobs !== undefined && { topLogprobs: body.logprobs }),
      },
      spelling: spellingOf(body, { prompt: 'prompt', maxTokens: 'max_tokens', topLogprobs: 'logprobs' }),
    }
    return completionExchange(generation, body, body.echo === true ? await echoesOf(generation) : [], now)
  },
}

function promptsOf(prompt: CompletionPrompt): Generation['prompts'] {
  if (typeof prompt === 'string') return [prompt]
  return typeof prompt[0] === 'number' ? [prompt as readonly number[]] : (prompt as Generation['prompts'])
}

function echoesOf(generation: Generation): Promise<string[]> {
  const { prompts, engine } = generation
  const texts = prompts.map((prompt) =>
    Array.isArray(prompt) ? engine.detokenize(prompt) : (prompt as string),
  )
  return Promise.all(texts).catch((thrown) => {
    throw inClientsWords(thrown, generation)
  })
}

function refuseUnsupported(body: CompletionRequest): void {
  if (body.suffix) refuse('suffix', 'filling in the middle')
  if ((body.best_of ?? 1) > (body.n ?? 1)) refuse('best_of', 'generating more choices than are returned')
  if (body.echo === true && body.logprobs !== undefined) refuse('echo', 'together with logprobs, it')
}
