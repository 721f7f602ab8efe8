/** Continues a prompt, to look at what a model learned. It reads the whole sequence again for each token: serve for speed. */

import { noGrad, scope, torch } from '@hadal/tensor'
import type { Decoder } from './decoder.ts'

export interface GenerateOptions {
  readonly maxTokens: number
  /** Tokens that end the text; they are not part of it. */
  readonly stop: ReadonlySet<number>
}

/** The most likely continuation, token by token; ends early where the model's context is full. */
export function generateGreedily(
  model: Decoder,
  prompt: readonly number[],
  { maxTokens, stop }: GenerateOptions,
): number[] {
  const tokens = [...prompt]
  const limit = Math.min(prompt.length + maxTokens, model.config.max_position_embeddings)
  while (tokens.length < limit) {
    const next = noGrad(() =>
      scope(() => {
        const logits_btv = model.forward(torch.tensor([tokens], { dtype: 'int64' }))
        return logits_btv.select(1, -1).argmax().item() as number
      }),
    )
    if (stop.has(next)) break
    tokens.push(next)
  }
  return tokens.slice(prompt.length)
}
