/** A chat's answer in llama-server's own words, with the prompt the messages became: for those who look for what went wrong. */

import type { FinishedChoice } from '../dialect.ts'
import type { Generation } from '../generation.ts'
import { completionExchange } from '../llama-server/completion-answer.ts'
import { generationSettings } from '../llama-server/generation-settings.ts'

export function verboseAnswer(generation: Generation, choices: readonly FinishedChoice[]): unknown {
  const { sequence, prompts } = generation
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
  const text = prompts.map((prompt) =>
    typeof prompt === 'object' && 'pieces' in prompt ? prompt.pieces.join('') : '',
  )
  const tokens = choices[0]!.done.usage.promptTokens
  return completionExchange(generation, {
    ...asked,
    returnTokens: true,
    fields: [],
    settings,
    prompts: [{ text: text.join(''), tokens }],
  }).answer(choices)
}
