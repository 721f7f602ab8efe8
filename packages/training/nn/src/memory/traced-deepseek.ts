/**
 * The two halves of a layer of `deepseek/` as operators that take memory. To be changed with them. Letters as there; experts are
 * taken to be given as many tokens each.
 */

import { type DeepSeekConfig, hasExperts, type MoeConfig } from '../deepseek/config.ts'
import type { Trace, Value } from './trace.ts'
import {
  add,
  attention,
  cast,
  copy,
  float,
  joined,
  linear,
  product,
  rmsNorm,
  rotate,
  swiGlu,
  type TracedPart,
  type TracedWeights,
  times,
  tracedSwiGlu,
} from './traced-layers.ts'

export function tracedLatentAttention(
  weights: TracedWeights,
  config: DeepSeekConfig,
  mask: Value | undefined,
): TracedPart {
  const { trace } = weights
  const { hidden_size: d, num_attention_heads: h, q_lora_rank, kv_lora_rank: c, attention_bias } = config
  const { qk_nope_head_dim: p, qk_rope_head_dim: r, v_head_dim: w } = config
  const widest = Math.max(p + r, w)
  const queries = (x: Value): Value => {
    if (q_lora_rank === null) return linear(weights, 'q_proj', x, d, h * (p + r))
    const latent = linear(weights, 'q_a_proj', x, d, q_lora_rank, attention_bias)
    const normed = rmsNorm(weights, latent, q_lora_rank)
    return linear(weights, 'q_b_proj', normed, q_lora_rank, h * (p + r))
  }
  const widened = (x: Value, width: number): Value =>
    width === widest ? x : trace.make((x.numbers / width) * widest, 4, { inputs: [[x, 'new']] })
  return {
    project: (x) => {
      const n = x.numbers / d
      const normed = rmsNorm(weights, x, d)
      const compressed = linear(weights, 'kv_a_proj_with_mqa', normed, d, c + r, attention_bias)
      const [latent, kRope] = trace.views(compressed, [n * c, n * r]) as [Value, Value]
      const q = queries(normed)
      // The kernel of 16-bit floats reads whole rows only.
      const rows = latent.width === 2 ? copy(trace, latent) : latent
      return [q, linear(weights, 'kv_b_proj', rmsNorm(weights, rows, c), c, h * (p + w)), kRope]
    },
    mix: ([q, keysAndValues, kRope]) => {
      const n = kRope!.numbers / r
      const [qNope, qRope] = trace.views(float(trace, q!), [n * h * p, n * h * r]) as [Value, Value]
      const [kNope, v] = trace.views(float(trace, keysAndValues!), [n * h * p, n * h * w]) as [Value, Value]
      const kRotated = rotate(trace, float(trace, kRope!))
      const qWhole = joined(trace, [qNope, rotate(trace, qRope)])
      const kWhole = joined(trace, [kNope, ...trace.views(kRotated, [n * h * r])])
      const all = [widened(qWhole, p + r), widened(kWhole, p + r), widened(v, w)] as const
      const y = attention(trace, all, { ...weights, width: widest }, mask)
      return cast(trace, copy(trace, trace.views(y, [n * h * w])[0]!), q!.width)
    },
    last: (x) => linear(weights, 'o_proj', x, h * w, d, attention_bias),
    lastNumbers: h * w * d,
  }
}

export function tracedExperts(weights: TracedWeights, config: DeepSeekConfig, layer: number): TracedPart {
  const { hidden_size: d, intermediate_size, moe } = config
  if (!moe || !hasExperts(moe, layer)) {
    const { project, ...rest } = tracedSwiGlu(weights, d, intermediate_size)
    return { project: (x) => project(rmsNorm(weights, x, d)), ...rest }
  }
  const shared = moe.n_shared_experts * moe.moe_intermediate_size
  return {
    project: (x) => [rmsNorm(weights, x, d)],
    mix: ([x]) => {
      const routed = tracedRouted(weights, moe, x!, d)
      if (shared === 0) return routed
      const beside = { ...weights, prefix: `${weights.prefix}shared_experts.` }
      return add(weights.trace, routed, swiGlu(beside, x!, d, shared))
    },
    last: undefined,
    lastNumbers: 0,
  }
}

function tracedRouted(weights: TracedWeights, moe: MoeConfig, x: Value, d: number): Value {
  const { trace, width } = weights
  const { n_routed_experts: e, num_experts_per_tok: k, moe_intermediate_size: ff } = moe
  const n = x.numbers / d
  const m = n * k
  const shares = tracedRouter(weights, moe, x, d)
  // Integers: selected experts, their order, and its inverse.
  const indices = (): Value => trace.input(m, 8, false)
  const [, order, tokens, wayBack] = [indices(), indices(), indices(), indices()]
  indices()
  indices()
  const read = trace.make(m * d, x.width, { inputs: [[x, 'new']], saved: [tokens] })
  const parts = trace.views(
    read,
    Array.from({ length: e }, () => (m * d) / e),
  )
  const made = joined(
    trace,
    parts.map((part, expert) =>
      swiGlu({ ...weights, prefix: `${weights.prefix}experts.${expert}.` }, part, d, ff),
    ),
  )
  const ordered = trace.make(m * d, width, { inputs: [[made, 'new']], saved: [wayBack, order] })
  const ordered32 = float(trace, ordered)
  const summed = trace.make(n * d, 4, {
    inputs: [
      [shares, 'new'],
      [ordered32, 'new'],
    ],
    saved: [...(ordered32.node ? [shares] : []), ...(shares.node ? [ordered32] : [])],
  })
  return cast(trace, summed, width)
}

/** The weights [n, k] of the experts chosen. */
function tracedRouter({ trace, width, adapter }: TracedWeights, moe: MoeConfig, x: Value, d: number): Value {
  const { n_routed_experts: e, num_experts_per_tok: k, topk_method, norm_topk_prob } = moe
  const n = x.numbers / d
  const weight = float(trace, trace.parameter(e * d, width, adapter === undefined))
  const logits = product(trace, float(trace, x), weight, d, e)
  const scores = trace.make(n * e, 4, { inputs: [[logits, 'new']] })
  trace.keepOutput(scores)
  const isBiased = topk_method === 'noaux_tc'
  const weighed = isBiased ? trace.make(n * e, 4, { inputs: [[scores, 'same']] }) : scores
  // The selection: scores with their bias, those of the selected groups, and the top k.
  if (isBiased) trace.input(n * e, 4, false)
  if (topk_method !== 'greedy') trace.input(n * e, 4, false)
  const chosen = trace.input(n * k, 8, false)
  trace.input(n * k, 4, false)
  const shares = trace.make(n * k, 4, { inputs: [[weighed, 'new']], saved: [chosen] })
  const normed = norm_topk_prob ? quotient(trace, shares, k) : shares
  return trace.make(n * k, 4, { inputs: [[normed, 'new']] })
}

function quotient(trace: Trace, shares: Value, k: number): Value {
  const sum = trace.make(shares.numbers / k, 4, { inputs: [[shares, 'new']] })
  const above = trace.make(sum.numbers, 4, { inputs: [[sum, 'same']] })
  return times(trace, shares, above)
}
