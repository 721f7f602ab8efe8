/**
 * Memory of one half layer, from a model's configuration: bytes kept for the backward pass in each mode, and its peak. Creates no
 * tensors.
 */

import { isDeepSeekConfig, type ModelConfig } from '../model-config.ts'
import { Trace, type Value } from './trace.ts'
import { tracedAttention, tracedMlp } from './traced-decoder.ts'
import { tracedExperts, tracedLatentAttention } from './traced-deepseek.ts'
import {
  add,
  type NamedPart,
  type TracedAdapter,
  type TracedPart,
  type TracedWeights,
} from './traced-layers.ts'

export type PartKind = 'attention' | 'mlp'

export interface PassShape {
  /** Tokens per pass. */
  readonly tokens: number
  readonly windowLength: number
  /** Bytes of a number of the model: 4 for fp32, 2 for bf16 and fp16. */
  readonly width: number
  /** Whether windows contain several documents. */
  readonly masked?: boolean | undefined
  /** libtorch's thread count; default: 1. */
  readonly threads?: number | undefined
  /** Adapters of frozen weights; without it the weights are trained. */
  readonly adapter?: TracedAdapter | undefined
}

/** In bytes. Kept memory lives from a part's forward to its backward pass, including its output and excluding its input. */
export interface PartBytes {
  /** If its graph is kept. */
  readonly kept: number
  /** If its products are kept and the rest is recomputed. */
  readonly light: number
  /** If it is recomputed: its output. */
  readonly output: number
  /** Peak of its forward and backward pass alone, excluding its input, including weight gradients. */
  readonly transient: number
}

/** @internal */
export function partBytes(config: ModelConfig, kind: PartKind, layer: number, shape: PassShape): PartBytes {
  const measured = (
    run: (part: TracedPart, x: Value, trace: Trace) => void,
  ): { held: number; most: number } => {
    const trace = new Trace()
    const x = trace.input(shape.tokens * config.hidden_size, shape.width, true)
    const mask = shape.masked ? trace.input(shape.tokens * shape.windowLength, 4, false) : undefined
    const before = trace.ledger.bytes
    run(tracedPart(tracedWeights(trace, shape), config, kind, layer, mask), x, trace)
    return { held: trace.ledger.bytes - before, most: trace.ledger.peakBytes - before }
  }
  const output = shape.tokens * config.hidden_size * shape.width
  const kept = measured((part, x, trace) => void trace.scope(() => runTraced(trace, part, x)))
  const projected = measured((part, x, trace) => void trace.scope(() => part.project(x)))
  const alone = measured((part, x, trace) => {
    const result = runTraced(trace, part, x)
    trace.back([[result, trace.ledger.take(output)]])
  })
  return { kept: kept.held, light: projected.held + output, output, transient: alone.most }
}

export const tracedWeights = (
  trace: Trace,
  { width, adapter, windowLength, threads = 1 }: PassShape,
): TracedWeights => ({ trace, width, windowLength, threads, adapter, prefix: '' })

export function tracedPart(
  all: TracedWeights,
  config: ModelConfig,
  kind: PartKind,
  layer: number,
  mask: Value | undefined,
): NamedPart {
  const module = kind === 'attention' ? 'self_attn' : 'mlp'
  const weights = { ...all, prefix: `model.layers.${layer}.${module}.` }
  if (isDeepSeekConfig(config))
    return named(
      weights,
      kind === 'attention'
        ? tracedLatentAttention(weights, config, mask)
        : tracedExperts(weights, config, layer),
    )
  return named(
    weights,
    kind === 'attention' ? tracedAttention(weights, config, mask) : tracedMlp(weights, config),
  )
}

/** With the same parameters whenever it is run. */
const named = (
  { trace, prefix }: TracedWeights,
  { project, mix, last, lastNumbers }: TracedPart,
): NamedPart => ({
  project: (x) => trace.named(`${prefix}project`, () => project(x)),
  mix: (projected) => trace.named(`${prefix}mix`, () => mix(projected)),
  last: last && ((mixed) => trace.named(`${prefix}last`, () => last(mixed))),
  lastNumbers,
  name: prefix,
})

export function runTraced(trace: Trace, { project, mix, last }: TracedPart, x: Value): Value {
  const mixed = mix(project(x))
  return add(trace, x, last ? last(mixed) : mixed)
}
