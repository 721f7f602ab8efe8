/** POST /completion, llama-server's native route: converts its body to a `Generation`. `completion-answer.ts` formats the response. */

import { randomUUID } from 'node:crypto'
import type { Engine, Grammar } from '@hadal/engine'
import { type NativeGenerationFields, nativeCompletionSchema, nativeSequences, parse } from '@hadal/protocol'
import { inClientsWords } from '../client-spelling.ts'
import type { Dialect, Exchange } from '../dialect.ts'
import { refuse } from '../field-issues.ts'
import type { Generation, SequenceOptions } from '../generation.ts'
import { blaming } from '../openai/blaming.ts'
import { formatGrammar } from '../openai/format-grammar.ts'
import { checkSequences } from '../openai/read-request.ts'
import type { RequestDefaults } from '../request-defaults.ts'
import { type CompletionShape, completionExchange } from './completion-answer.ts'
import { llamaServerErrors } from './error-body.ts'
import { generationSettings } from './generation-settings.ts'
import { sequenceTokens, writtenTexts } from './read-prompt.ts'
import { adapterUses, logitBiasOf, samplingOf, samplingSpelling } from './read-sampling.ts'

export function llamaServerCompletion(defaults: RequestDefaults): Dialect {
  return {
    ...llamaServerErrors,
    paths: ['/completion'],
    async read(input, context) {
      const body = context.accept(parse(nativeCompletionSchema, input, 'prompt'))
      const engine = context.models.find(body.model)
      const sequences = nativeSequences(body.prompt)
      checkSequences(sequences.length, answersFor(body), context.maxSequences)
      const prompts = await Promise.all(sequences.map((sequence) => sequenceTokens(engine, sequence)))
      return nativeExchange(body, { engine, prompts, texts: sequences.flatMap(writtenTexts) }, defaults)
    },
  }
}

export interface NativePrompts {
  readonly engine: Engine
  readonly prompts: readonly (readonly number[])[]
  /** The client's texts. */
  readonly texts: readonly string[]
}

/** Builds the exchange of any native route once its prompts are known. */
export async function nativeExchange(
  body: NativeGenerationFields,
  { engine, prompts, texts }: NativePrompts,
  defaults: RequestDefaults,
): Promise<Exchange> {
  refuseUnsupported(body)
  const maxTokens = nativeTokenLimit(body, defaults)
  const generation: Generation = {
    id: `cmpl-${randomUUID()}`,
    engine,
    texts: texts.map((text) => ({ role: 'user', text })),
    prompts,
    n: answersFor(body),
    sequence: await sequenceOptions(body, engine, maxTokens),
    ...(body.t_max_predict_ms !== undefined &&
      body.t_max_predict_ms > 0 && { timeLimitMillis: body.t_max_predict_ms }),
    spelling: {
      ...samplingSpelling,
      prompt: 'prompt',
      maxTokens: 'n_predict',
      topLogprobs: 'n_probs',
      grammar: body.grammar ? 'grammar' : 'json_schema',
      adapters: 'lora',
    },
  }
  return completionExchange(generation, {
    stream: body.stream ?? false,
    maxTokens,
    returnTokens: body.return_tokens ?? false,
    timings: body.timings_per_token ?? false,
    progress: body.return_progress ?? false,
    probabilities: generation.sequence.topLogprobs !== undefined,
    afterSampling: body.post_sampling_probs ?? false,
    fields: body.response_fields ?? [],
    settings: await shownSettings(body, generation, maxTokens, defaults),
    prompts: await writtenOut(prompts, generation),
  })
}

export const answersFor = ({ n_cmpl, n }: NativeGenerationFields): number => n_cmpl ?? n ?? 1

/** Undefined: until the context is full. */
export function nativeTokenLimit(
  { n_predict, max_completion_tokens, max_tokens }: NativeGenerationFields,
  defaults: RequestDefaults,
): number | undefined {
  const requested = n_predict ?? max_completion_tokens ?? max_tokens ?? -1
  return requested === -1 ? defaults.maxTokens : requested
}

async function sequenceOptions(
  body: NativeGenerationFields,
  engine: Engine,
  maxTokens: number | undefined,
): Promise<SequenceOptions> {
  const probabilities = body.n_probs ?? body.logprobs ?? 0
  const grammar = grammarOf(body)
  return {
    sampling: samplingOf(body, await logitBiasOf(engine, body.logit_bias)),
    stop: (typeof body.stop === 'string' ? [body.stop] : (body.stop ?? [])).filter(Boolean),
    ignoreEos: body.ignore_eos ?? false,
    // A prompt-only request still needs one token.
    ...(maxTokens !== undefined && { maxTokens: Math.max(1, maxTokens) }),
    ...(probabilities > 0 && { topLogprobs: probabilities }),
    ...(body.post_sampling_probs === true && { logprobsAfterSampling: true }),
    ...(grammar !== undefined && { grammar }),
    ...((body.timings_per_token === true || body.return_progress === true) && { reportsProgress: true }),
    ...(body.cache_prompt === false && { reusePrefix: false }),
    ...(body.lora !== undefined && { adapters: adapterUses(engine, body.lora) }),
  }
}

/** Undefined: unconstrained. */
function grammarOf({ grammar, json_schema }: NativeGenerationFields): Grammar | undefined {
  if (grammar) return { gbnf: grammar }
  if (json_schema === undefined) return undefined
  try {
    return formatGrammar({ type: 'schema', schema: json_schema })
  } catch (thrown) {
    return blaming('json_schema')(thrown)
  }
}

async function shownSettings(
  body: NativeGenerationFields,
  { engine, sequence }: Generation,
  maxTokens: number | undefined,
  defaults: RequestDefaults,
): Promise<CompletionShape['settings']> {
  const ignoreEos = sequence.ignoreEos === true
  return generationSettings(
    { ...defaults.sampling, ...sequence.sampling },
    {
      maxTokens,
      stream: body.stream ?? false,
      stop: sequence.stop,
      ignoreEos,
      ignoredEnds: ignoreEos ? await engine.tokenize(engine.model.eosToken, { parseSpecial: true }) : [],
      probabilities: sequence.topLogprobs ?? 0,
      afterSampling: body.post_sampling_probs ?? false,
      grammar: sequence.grammar?.gbnf ?? '',
      adapters: body.lora ?? [],
      timings: body.timings_per_token ?? false,
    },
  )
}

function writtenOut(
  prompts: readonly (readonly number[])[],
  generation: Generation,
): Promise<CompletionShape['prompts']> {
  const written = prompts.map(async (tokens) => ({
    text: await generation.engine.detokenize(tokens),
    tokens: tokens.length,
  }))
  return Promise.all(written).catch((thrown) => {
    throw inClientsWords(thrown, generation)
  })
}

function refuseUnsupported(body: NativeGenerationFields): void {
  if ((body.n_indent ?? 0) > 0) refuse('n_indent', 'a least indentation')
  if ((body.adaptive_target ?? -1) >= 0) refuse('adaptive_target', 'adaptive-p sampling')
  if (body.grammar_lazy === true) refuse('grammar_lazy', 'a grammar that waits for a trigger')
}
