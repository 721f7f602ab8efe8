/** The two halves of a layer of `decoder.ts` as operators that take memory. To be changed with it. Letters as there. */

import { type DecoderConfig, headDim } from '../decoder-config.ts'
import type { Trace, Value } from './trace.ts'
import {
  attention,
  cast,
  copy,
  float,
  linear,
  rmsNorm,
  rotate,
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
  const heads = (x: Value, isNormed: boolean): Value =>
    float(trace, isNormed && model_type === 'qwen3' ? rmsNorm(weights, x, e) : x)
  return {
    project: (x) => {
      const normed = rmsNorm(weights, x, d)
      return [
        linear(weights, 'q_proj', normed, d, h * e, bias),
        linear(weights, 'k_proj', normed, d, k * e, bias),
        linear(weights, 'v_proj', normed, d, k * e, bias),
      ]
    },
    mix: ([q, k_, v]) => {
      const queries = rotate(trace, heads(q!, true))
      const keys = repeated(trace, rotate(trace, heads(k_!, true)), h / k)
      const values = repeated(trace, heads(v!, false), h / k)
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

const repeated = (trace: Trace, x: Value, repeats: number): Value =>
  repeats === 1 ? x : trace.make(x.numbers * repeats, x.width, { inputs: [[x, 'new']] })
