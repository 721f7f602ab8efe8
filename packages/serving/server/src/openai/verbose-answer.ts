/** A chat's answer in llama-server's own words, with the prompt the messages became: for those who look for what went wrong. */

import type { FinishedChoice } from '../dialect.ts'
import type { Generation } from '../generation.ts'
import { completionExchange } from '../llama-server/completion-answer.ts'
import { generationSettings } from '../llama-server/generation-settings.ts'

/** As its tokens spell it, with what a model begins its texts with. */
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
  const asked = {
    maxTokens,
    stream: false,
    probabilities: false,
    afterSampling: sequence.logprobsAfterSampling ?? false,
    timings: false,
  }
  const settings = generationSettings(sequence.sampling, {
    ...asked,
    stop: sequence.stop,
    ignoredEnds: [],
    ignoreEos: sequence.ignoreEos ?? false,
    probabilities: sequence.topLogprobs ?? 0,
    grammar: sequence.grammar?.gbnf ?? '',
    adapters: sequence.adapters ?? [],
  })
  const tokens = choices[0]!.done.usage.promptTokens
  return completionExchange(generation, {
    ...asked,
    returnTokens: true,
    fields: [],
    settings,
    prompts: [{ text: prompt, tokens }],
  }).answer(choices)
}
