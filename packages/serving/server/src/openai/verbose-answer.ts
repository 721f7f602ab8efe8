/** A chat response in llama-server's native format with the rendered prompt, for debugging. */

import type { FinishedChoice } from '../dialect.ts'
import type { Generation } from '../generation.ts'
import { completionExchange } from '../llama-server/completion-answer.ts'
import { generationSettings } from '../llama-server/generation-settings.ts'

/** The detokenized prompt, including the BOS token. */
export async function promptText({ engine, prompts }: Generation): Promise<string> {
  const [prompt] = prompts
  const text = typeof prompt === 'object' && 'pieces' in prompt ? prompt.pieces.join('') : ''
  return engine.detokenize(await engine.tokenize(text, { addSpecial: true, parseSpecial: true }))
}

export function verboseAnswer(
  generation: Generation,
  choices: readonly FinishedChoice[],
  prompt: string,
): unknown {
  const { sequence } = generation
  const { maxTokens } = sequence
  const requested = {
    maxTokens,
    stream: false,
    probabilities: false,
    afterSampling: sequence.logprobsAfterSampling ?? false,
    timings: false,
  }
  const settings = generationSettings(sequence.sampling, {
    ...requested,
    stop: sequence.stop,
    ignoredEnds: [],
    ignoreEos: sequence.ignoreEos ?? false,
    probabilities: sequence.topLogprobs ?? 0,
    grammar: sequence.grammar?.gbnf ?? '',
    adapters: sequence.adapters ?? [],
  })
  const tokens = choices[0]!.done.usage.promptTokens
  return completionExchange(generation, {
    ...requested,
    returnTokens: true,
    fields: [],
    settings,
    prompts: [{ text: prompt, tokens }],
  }).answer(choices)
}
