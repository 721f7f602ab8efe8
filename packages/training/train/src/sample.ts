/** What a model says in the middle of its training. */

import { type CausalModel, type GenerateOptions, generateGreedily } from '@hadal/nn'

export interface SampleRequest {
  /** Token ids to go on from. */
  readonly prompts: readonly (readonly number[])[]
  readonly maxTokens: number
  /** Tokens that end a text; they are not part of it. */
  readonly stop: readonly number[]
  decode(ids: readonly number[]): string
}

export interface Sample {
  readonly prompt: string
  readonly text: string
}

/** The most likely continuation of every prompt; ranks that have `model` between them `agree` on each token. */
export function sampleTexts(
  model: CausalModel,
  request: SampleRequest,
  agree?: GenerateOptions['agree'],
): Sample[] {
  const { prompts, maxTokens, decode } = request
  const stop = new Set(request.stop)
  return prompts.map((prompt) => ({
    prompt: decode(prompt),
    text: decode(generateGreedily(model, prompt, { maxTokens, stop, agree })),
  }))
}
