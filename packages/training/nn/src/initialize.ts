/** Fresh weights for a decoder: normal with deviation 0.02, smaller where a layer writes to the residual stream; norms 1, biases 0. */

import { noGrad, type Tensor } from '@hadal/tensor'

const deviation = 0.02

/**
 * Fills `parameters` (as a `Decoder` names them) in place from the global generator. Projections that add to the residual
 * stream are scaled by 1 / sqrt(2 · layers), as in GPT-2, so that its variance does not grow with depth.
 *
 * @example
 * ```ts
 * import { manualSeed } from '@hadal/tensor'
 * import { createModel, initializeDecoder } from '@hadal/nn'
 *
 * manualSeed(1)
 * const model = createModel({ vocab_size: 64, hidden_size: 32, intermediate_size: 64, num_hidden_layers: 2, num_attention_heads: 4, num_key_value_heads: 2, max_position_embeddings: 64, rms_norm_eps: 1e-5, rope_theta: 10_000, tie_word_embeddings: true })
 * initializeDecoder(model.parameters(), 2) // layers
 * ```
 */
export function initializeDecoder(parameters: ReadonlyMap<string, Tensor>, layers: number): void {
  noGrad(() => {
    for (const [name, weight] of parameters) {
      if (name.endsWith('bias')) weight.fill_(0)
      else if (weight.ndim === 1) weight.fill_(1)
      else if (/\.(o_proj|down_proj)\.weight$/.test(name))
        weight.normal_(0, deviation / Math.sqrt(2 * layers))
      else weight.normal_(0, deviation)
    }
  })
}
