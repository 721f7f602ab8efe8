/**
 * The memory of one half of a layer, from a model's configuration alone: what it keeps for the way back, however it is run, and the
 * most it takes while it runs. Makes no tensor.
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
  /** Of one pass. */
  readonly tokens: number
  readonly windowLength: number
  /** Bytes of a number of the model: 4 for fp32, 2 for bf16 and fp16. */
  readonly width: number
  /** Whether several documents share a window. */
  readonly masked?: boolean | undefined
  /** That libtorch computes with; default: 1. */
  readonly threads?: number | undefined
  /** Adapters beside frozen weights; without it the weights are trained. */
  readonly adapter?: TracedAdapter | undefined
}

/** Bytes. What is kept is held from a part's way forward to its way back, its output included and its input not. */
export interface PartBytes {
  /** Of a part whose graph is kept. */
  readonly kept: number
  /** Of one whose products are kept, and what is between them computed again. */
  readonly light: number
  /** Of one that is computed again: its output. */
  readonly output: number
  /** The most that it takes at once beside its input, computed and gone back through alone; gradients of its weights included. */
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
