/** The two halves of a layer of `decoder.ts` as operators that take memory. To be changed with it. Letters as there. */

import { type DecoderConfig, headDim } from '../decoder-config.ts'
import type { Value } from './trace.ts'
import {
  attention,
  cast,
  copy,
  linear,
  rmsNorm,
  type TracedPart,
  type TracedWeights,
  tracedSwiGlu,
} from './traced-layers.ts'

export function tracedAttention(
  weights: TracedWeights,
  config: DecoderConfig,
  mask: Value | undefined,
): TracedPart {
  const { trace } = weights
  const { hidden_size: d, num_attention_heads: h, num_key_value_heads: k, model_type } = config
  const e = headDim(config)
  const bias = model_type === 'qwen2'
  const normed = (x: Value): Value => (model_type === 'qwen3' ? rmsNorm(weights, x, e) : x)
  const heads = (x: Value, repeats: number): Value =>
    trace.make(x.numbers * repeats, 4, { inputs: [[x, 'new']] })
  return {
    project: (x) => {
      const read = rmsNorm(weights, x, d)
      return [
        linear(weights, 'q_proj', read, d, h * e, bias),
        linear(weights, 'k_proj', read, d, k * e, bias),
        linear(weights, 'v_proj', read, d, k * e, bias),
      ]
    },
    mix: ([q, k_, v]) => {
      const queries = heads(normed(q!), 1)
      const keys = heads(normed(k_!), h / k)
      // A view suffices for fp32 without repetition.
      const values = v!.width === 4 && h === k ? v! : heads(v!, h / k)
      const y = attention(trace, [queries, keys, values], { ...weights, width: e }, mask)
      return cast(trace, copy(trace, y), q!.width)
    },
    last: (x) => linear(weights, 'o_proj', x, h * e, d),
    lastNumbers: h * e * d,
  }
}

export function tracedMlp(weights: TracedWeights, config: DecoderConfig): TracedPart {
  const { hidden_size: d, intermediate_size } = config
  const { project, ...rest } = tracedSwiGlu(weights, d, intermediate_size)
  return { project: (x) => project(rmsNorm(weights, x, d)), ...rest }
}
