/** Fresh weights for a decoder: normal with deviation 0.02, smaller where a layer writes to the residual stream; norms 1, biases 0. */

import { noGrad, type Tensor } from '@hadal/tensor'

const deviation = 0.02

/**
 * Fills `parameters` (as a `Decoder` names them) in place from the global generator. Projections that add to the residual
 * stream are scaled by 1 / sqrt(2 · layers), as in GPT-2, so that its variance does not grow with depth.
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
