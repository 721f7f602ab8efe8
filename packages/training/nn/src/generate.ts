/** Completes a prompt, to inspect a model. Without a KV cache: use serving for speed. */

import { noGrad, scope, type Tensor, torch } from '@hadal/tensor'
import type { ChunkedLossOptions } from './objectives/chunked-token-loss.ts'

/** The model interface for generation and training, for all families. */
export interface CausalModel {
  readonly config: { readonly max_position_embeddings: number; readonly vocab_size: number }
  /** Token ids [b, t], and optionally the document of each, to logits [b, t, v]. */
  forward(ids_bt: Tensor, segments_bt?: Tensor): Tensor
}

/**
 * A model that also returns hidden states, for other heads.
 *
 * @internal
 */
export interface HiddenModel extends CausalModel {
  /** Like `forward`, but returns hidden states [b, t, d]. */
  hidden(ids_bt: Tensor, segments_bt?: Tensor): Tensor
  /** The summed loss of hidden states [b, t, d], where the logits of all of them are not to exist together. */
  readonly tokenLoss?: TokenLossOfHidden | undefined
}

export type TokenLossOfHidden = (
  hidden_btd: Tensor,
  targets_bt: Tensor,
  options: ChunkedLossOptions,
) => Tensor

export interface GenerateOptions {
  readonly maxTokens: number
  /** Tokens that end the text; they are not part of it. */
  readonly stop: ReadonlySet<number>
  /** Makes processes that share the model, whose rounding may differ, agree on each token. */
  readonly agree?: ((token: number) => number) | undefined
}

/**
 * Greedy decoding; ends early if the context is full.
 *
 * @example
 * ```ts
 * import { generateGreedily, loadCheckpoint, loadTokenizer } from '@hadal/nn'
 *
 * const { model } = loadCheckpoint('models/qwen2.5-0.5b')
 * const { tokenizer, endOfText } = loadTokenizer('models/qwen2.5-0.5b')
 * const ids = generateGreedily(model, tokenizer.encode('Once upon a time'), { maxTokens: 20, stop: new Set([endOfText]) })
 * console.log(tokenizer.decode(ids))
 * ```
 */
export function generateGreedily(
  model: CausalModel,
  prompt: readonly number[],
  { maxTokens, stop, agree = (token) => token }: GenerateOptions,
): number[] {
  const tokens = [...prompt]
  const limit = Math.min(prompt.length + maxTokens, model.config.max_position_embeddings)
  while (tokens.length < limit) {
    const own = noGrad(() =>
      scope(() => {
        const logits_btv = model.forward(torch.tensor([tokens], { dtype: 'int64' }))
        return logits_btv.select(1, -1).argmax().item() as number
      }),
    )
    const next = agree(own)
    if (stop.has(next)) break
    tokens.push(next)
  }
  return tokens.slice(prompt.length)
}
