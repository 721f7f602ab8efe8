/** Generates samples during training. */

import { type CausalModel, type GenerateOptions, generateGreedily } from '@hadal/nn'

export interface SampleRequest {
  /** Prompts as token ids. */
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

/** The greedy completion of every prompt; ranks that share `model` `agree` on each token. */
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
