/** POST /v1/completions: converts OpenAI's body to a `Generation`. `completion-answer.ts` formats the response. */

import { randomUUID } from 'node:crypto'
import type { Engine, Prompt } from '@hadal/engine'
import { type CompletionPrompt, completionRequestSchema, parse } from '@hadal/protocol'
import { inClientsWords } from '../client-spelling.ts'
import type { Dialect, DialectContext, Exchange } from '../dialect.ts'
import { refuse } from '../field-issues.ts'
import { fillInTheMiddle, prefixOf } from '../fill-in-the-middle.ts'
import type { Generation } from '../generation.ts'
import { requestedFormat } from './answer-format.ts'
import type { AnswerManner } from './chat-shape.ts'
import { type CompletionShape, completionExchange } from './completion-answer.ts'
import { deepseekErrors } from './deepseek-errors.ts'
import { formatGrammar } from './format-grammar.ts'
import { checkSequences, sequenceFields, spellingOf, tokenLimit } from './read-request.ts'

export const openaiCompletions: Dialect = {
  paths: ['/v1/completions'],
  // OpenAI's default for this API.
  read: (body, context) => readCompletion(body, context, 16, 'openai'),
}

/** DeepSeek's version, for fill-in-the-middle. */
export const deepseekCompletions: Dialect = {
  ...deepseekErrors,
  paths: ['/beta/completions', '/beta/v1/completions'],
  read: (body, context) => readCompletion(body, context, 4096, 'deepseek'),
}

async function readCompletion(
  input: unknown,
  { models, accept, maxSequences, now }: DialectContext,
  defaultMaxTokens: number,
  manner: AnswerManner,
): Promise<Exchange> {
  const body = accept(parse(completionRequestSchema, input, 'prompt'))
  const engine = models.find(body.model)
  const written = promptsOf(body.prompt)
  const n = body.best_of ?? body.n ?? 1
  checkSequences(written.length, n, maxSequences, body.best_of === undefined ? 'n' : 'best_of')
  const requested = requestedFormat(body)
  const ranked = n > (body.n ?? 1)
  const echo = body.echo === true
  const generation: Generation = {
    id: `cmpl-${randomUUID()}`,
    engine,
    texts: [...written, body.suffix ?? ''].flatMap((text) =>
      typeof text === 'string' && text !== '' ? [{ role: 'user', text }] : [],
    ),
    prompts: await withSuffix(engine, written, body.suffix),
    n,
    sequence: {
      ...sequenceFields(body, engine),
      // Scoring only the prompt still needs one token.
      ...tokenLimit(body.max_tokens === 0 ? 1 : (body.max_tokens ?? body.n_predict ?? defaultMaxTokens)),
      ...(requested !== undefined && { grammar: formatGrammar(requested.format) }),
      ...((body.logprobs !== undefined || ranked) && { topLogprobs: body.logprobs ?? 0 }),
      ...(echo && body.logprobs !== undefined && { promptLogprobs: body.logprobs }),
    },
    spelling: spellingOf(body, {
      prompt: 'prompt',
      maxTokens: body.max_tokens === undefined && body.n_predict !== undefined ? 'n_predict' : 'max_tokens',
      topLogprobs: 'logprobs',
      grammar: requested?.param,
    }),
  }
  const echoes = echo ? await echoesOf(generation, written) : []
  const fim = body.suffix ? engine.model.fim : undefined
  const echoed: CompletionShape['echoed'] = (tokens) => (fim === undefined ? tokens : prefixOf(fim, tokens))
  return completionExchange(generation, body, { echoes, echoed, created: now, manner })
}

function promptsOf(prompt: CompletionPrompt): readonly (string | readonly number[])[] {
  if (typeof prompt === 'string') return [prompt]
  return typeof prompt[0] === 'number'
    ? [prompt as readonly number[]]
    : (prompt as readonly (string | readonly number[])[])
}

/** A suffix is rejected if the model has no FIM tokens. */
async function withSuffix(
  engine: Engine,
  prompts: readonly (string | readonly number[])[],
  suffix: string | undefined,
): Promise<readonly Prompt[]> {
  if (!suffix) return prompts
  if (engine.model.fim === undefined)
    refuse('suffix', `filling in the middle by ${engine.model.id}, which has no tokens for it,`)
  return Promise.all(prompts.map((prefix) => fillInTheMiddle(engine, { prefix, suffix })))
}

function echoesOf(
  generation: Generation,
  prompts: readonly (string | readonly number[])[],
): Promise<string[]> {
  const texts = prompts.map((prompt) =>
    typeof prompt === 'string' ? prompt : generation.engine.detokenize(prompt),
  )
  return Promise.all(texts).catch((thrown) => {
    throw inClientsWords(thrown, generation)
  })
}
