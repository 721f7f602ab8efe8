/**
 * The cost of keeping and of recomputing each half layer of a run.
 *
 * Letters: n tokens of a pass, t of a window, d hidden, h heads, k key-value heads, e head width, f feed-forward width.
 */

import {
  hasExperts,
  headDim,
  isDeepSeekConfig,
  loraDefaults,
  type ModelConfig,
  type PassShape,
  partBytes,
} from '@hadal/nn'
import type { LanguageRun } from '../run-config.ts'
import { isPairs, isStreamed, windowLength } from '../training-data.ts'
import type { PartCost } from './choose-segments.ts'

/** In execution order. */
export function partCosts(run: LanguageRun): PartCost[] {
  const shape = passShape(run)
  return Array.from({ length: run.model.num_hidden_layers }, (_, layer) =>
    (['attention', 'mlp'] as const).map((kind) => partCost(run.model, layer, kind, shape)),
  ).flat()
}

/** The largest pass of a run. */
export function passShape({ data, batch, precision, adapter }: LanguageRun): PassShape {
  const { train } = data
  const length = windowLength(train)
  return {
    tokens: batch.windows * (isPairs(train) ? 2 : 1) * length,
    windowLength: length,
    width: precision === 'fp32' ? 4 : 2,
    masked: isStreamed(train) || ('segments' in train && train.segments !== undefined),
    adapter: adapter && { ...loraDefaults, ...adapter },
  }
}

/**
 * Price in operations of a weight matrix product: for one operation of attention scores, which are fp32 in any precision, and for
 * one number moved between products. Measured on one Zen 4 core with AVX512-BF16 (a layer of 384, 2,048 tokens): products at 80
 * GFLOPS in fp32 and 175 in bf16, scores at 35, a number in 1.5 ns.
 */
const priceOf = (width: number): { readonly score: number; readonly number: number } =>
  width === 4 ? { score: 2.3, number: 120 } : { score: 5, number: 260 }

function partCost(model: ModelConfig, layer: number, kind: 'attention' | 'mlp', shape: PassShape): PartCost {
  const { tokens: n, windowLength: t, width } = shape
  const { kept, light, output, transient } = partBytes(model, kind, layer, shape)
  const { hidden_size: d } = model
  const { products, score, mixed, divisible } = workOfPart(model, layer, kind)
  const price = priceOf(width)
  // Half the square of scores: it is causal.
  const lightWork = n * (price.score * score * t + price.number * mixed)
  return {
    kept,
    light,
    recomputed: output,
    transient,
    lightWork,
    wholeWork: lightWork + n * (2 * products + price.number * d),
    divisible,
  }
}

/** Per token. */
interface PartWork {
  /** Numbers that pass between the products before the last one and it. */
  readonly mixed: number
  /** Weights of the products but the last. */
  readonly products: number
  /** Heads times their widths, of queries and values. */
  readonly score: number
  readonly divisible: boolean
}

function workOfPart(model: ModelConfig, layer: number, kind: 'attention' | 'mlp'): PartWork {
  const { hidden_size: d } = model
  if (kind === 'mlp')
    return isDeepSeekConfig(model) ? expertWork(model, layer) : gatedWork(d, model.intermediate_size)
  const { num_attention_heads: h } = model
  if (!isDeepSeekConfig(model)) {
    const e = headDim(model)
    const projected = (h + 2 * model.num_key_value_heads) * e
    return { mixed: 3 * h * e, products: d * projected, score: 2 * h * e, divisible: true }
  }
  const { q_lora_rank: q, kv_lora_rank: c, qk_nope_head_dim: p, qk_rope_head_dim: r, v_head_dim: w } = model
  const queries = q === null ? d * h * (p + r) : d * q + q * h * (p + r)
  return {
    mixed: h * (2 * (p + r) + w),
    products: queries + d * (c + r) + c * h * (p + w),
    score: h * (p + r + w),
    divisible: true,
  }
}

const gatedWork = (d: number, f: number): PartWork => ({
  mixed: f,
  products: 2 * d * f,
  score: 0,
  divisible: true,
})

function expertWork(model: ModelConfig, layer: number): PartWork {
  const { hidden_size: d } = model
  if (!isDeepSeekConfig(model) || !model.moe || !hasExperts(model.moe, layer))
    return gatedWork(d, model.intermediate_size)
  const { num_experts_per_tok, n_shared_experts, moe_intermediate_size, n_routed_experts } = model.moe
  const f = (num_experts_per_tok + n_shared_experts) * moe_intermediate_size
  // Its last products are inside, so they are made again, too.
  return {
    mixed: f + 4 * d,
    products: 3 * d * f + d * n_routed_experts,
    score: 0,
    divisible: false,
  }
}
