/**
 * POST /completion, llama-server's own: its body to a `Generation`. How the answer is written stands in
 * `completion-answer.ts`.
 */

import { randomUUID } from 'node:crypto'
import { jsonSchemaToGbnf } from '@hadal/grammar'
import { type NativeCompletionRequest, nativeCompletionSchema, nativeSequences, parse } from '@hadal/protocol'
import type { Dialect } from '../dialect.ts'
import { checkSequences, refuse } from '../openai/read-request.ts'
import { limitedTokens, type RequestDefaults } from '../request-defaults.ts'
import { completionExchange } from './completion-answer.ts'
import { llamaServerErrors } from './error-body.ts'
import { generationSettings } from './generation-settings.ts'
import { sequenceTokens, writtenTexts } from './read-prompt.ts'
import { adapterUses, logitBiasOf, samplingOf, samplingSpelling } from './read-sampling.ts'

export function llamaServerCompletion(defaults: RequestDefaults): Dialect {
  return {
    ...llamaServerErrors,
    paths: ['/completion'],
    async read(input, { models, maxSequences, accept }) {
      const body = accept(parse(nativeCompletionSchema, input, 'prompt'))
      refuseUnsupported(body)
      const engine = models.find(body.model)
      const sequences = nativeSequences(body.prompt)
      const n = body.n_cmpl ?? body.n ?? 1
      checkSequences(sequences.length, n, maxSequences)
      const texts = sequences.flatMap(writtenTexts)
      const prompts = await Promise.all(sequences.map((sequence) => sequenceTokens(engine, sequence)))
      const sampling = samplingOf(body, await logitBiasOf(engine, body.logit_bias))
      const maxTokens = limitedTokens(askedTokens(body), defaults)
      const probabilities = body.n_probs ?? body.logprobs ?? 0
      const grammar = grammarOf(body)
      const stop = (typeof body.stop === 'string' ? [body.stop] : (body.stop ?? [])).filter(Boolean)
      const ignoreEos = body.ignore_eos ?? false
      const settings = generationSettings(
        { ...defaults.sampling, ...sampling },
        {
          maxTokens,
          stream: body.stream === true,
          stop,
          ignoreEos,
          ignoredEnds: ignoreEos ? await engine.tokenize(engine.model.eosToken, { parseSpecial: true }) : [],
          probabilities,
          afterSampling: body.post_sampling_probs ?? false,
          grammar: grammar ?? '',
          adapters: body.lora ?? [],
        },
      )
      return completionExchange(
        {
          id: `cmpl-${randomUUID()}`,
          engine,
          texts: texts.map((text) => ({ role: 'user', text })),
          prompts,
          n,
          sequence: {
            sampling,
            stop,
            ignoreEos,
            // Nothing but the prompt's computation is wanted, which takes one token to ask for.
            ...(maxTokens !== undefined && { maxTokens: Math.max(1, maxTokens) }),
            ...(probabilities > 0 && { topLogprobs: probabilities }),
            ...(body.post_sampling_probs === true && { logprobsAfterSampling: true }),
            ...(grammar !== undefined && { grammar: { gbnf: grammar } }),
            ...(body.cache_prompt === false && { reusePrefix: false }),
            ...(body.lora !== undefined && { adapters: adapterUses(engine, body.lora) }),
          },
          spelling: { ...samplingSpelling, prompt: 'prompt', maxTokens: 'n_predict', topLogprobs: 'n_probs' },
        },
        {
          stream: body.stream === true,
          maxTokens,
          returnTokens: body.return_tokens ?? false,
          probabilities: probabilities > 0,
          afterSampling: body.post_sampling_probs ?? false,
          fields: body.response_fields ?? [],
          settings,
          prompts: await Promise.all(
            prompts.map(async (tokens) => ({
              text: await engine.detokenize(tokens),
              tokens: tokens.length,
            })),
          ),
        },
      )
    },
  }
}

function askedTokens({
  n_predict,
  max_completion_tokens,
  max_tokens,
}: NativeCompletionRequest): number | undefined {
  const asked = n_predict ?? max_completion_tokens ?? max_tokens
  return asked === -1 ? undefined : asked
}

/** Undefined: any text. */
function grammarOf({ grammar, json_schema }: NativeCompletionRequest): string | undefined {
  if (grammar !== undefined && grammar !== '') return grammar
  return json_schema === undefined ? undefined : jsonSchemaToGbnf(json_schema)
}

function refuseUnsupported(body: NativeCompletionRequest): void {
  if ((body.n_indent ?? 0) > 0) refuse('n_indent', 'a least indentation')
  if ((body.adaptive_target ?? -1) >= 0) refuse('adaptive_target', 'adaptive-p sampling')
  if (body.grammar_lazy === true) refuse('grammar_lazy', 'a grammar that waits for a trigger')
}
