/** What a model says in the middle of its training. */

import { type CausalModel, generateGreedily } from '@hadal/nn'

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

/** The most likely continuation of every prompt. */
export function sampleTexts(model: CausalModel, request: SampleRequest): Sample[] {
  const { prompts, maxTokens, decode } = request
  const stop = new Set(request.stop)
  return prompts.map((prompt) => ({
    prompt: decode(prompt),
    text: decode(generateGreedily(model, prompt, { maxTokens, stop })),
  }))
}
