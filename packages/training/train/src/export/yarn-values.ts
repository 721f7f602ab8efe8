/** DeepSeek's YaRN in llama.cpp's terms, which are other ones than the model's. Pure numbers. */

import { type GgufValue, gguf } from '@hadal/formats'
import { type YarnScaling, yarnAmplitude, yarnMagnitude } from '@hadal/nn'

/**
 * llama.cpp (its `deepseek2` graph and `llama_context`) multiplies the rotary part by a and all scores by
 * (a · (1 + 0.1 · l · ln factor))², where l is `yarn_log_multiplier` · 10, and a is `attn_factor`, which for l = 0 is multiplied
 * by 1 + 0.1 · ln factor. The model multiplies the rotary part by `yarnAmplitude` and scores by `yarnScoreScale`; this solves for
 * a and l. Where mscale and mscale_all_dim are the same, as in all published models, l is that and a is 1.
 */
export function yarnValues(scaling: YarnScaling): Readonly<Record<string, GgufValue>> {
  const { factor, original_max_position_embeddings, beta_fast, beta_slow, mscale_all_dim } = scaling
  const amplitude = yarnAmplitude(scaling)
  const magnitude = yarnMagnitude(factor, mscale_all_dim) / amplitude
  const multiplier = factor === 1 ? 0 : (magnitude - 1) / (0.1 * Math.log(factor))
  const attentionFactor = multiplier === 0 ? amplitude / yarnMagnitude(factor, 1) : amplitude
  return {
    'rope.scaling.type': gguf.string('yarn'),
    'rope.scaling.factor': gguf.float32(factor),
    'rope.scaling.original_context_length': gguf.uint32(original_max_position_embeddings),
    'rope.scaling.yarn_beta_fast': gguf.float32(beta_fast),
    'rope.scaling.yarn_beta_slow': gguf.float32(beta_slow),
    ...(multiplier !== 0 && { 'rope.scaling.yarn_log_multiplier': gguf.float32(0.1 * multiplier) }),
    ...(attentionFactor !== 1 && { 'rope.scaling.attn_factor': gguf.float32(attentionFactor) }),
  }
}
