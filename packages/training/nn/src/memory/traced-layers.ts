/**
 * The layers of `layers.ts` and `rotary.ts` as operators that take memory. To be changed with them.
 *
 * Letters: n tokens, d width.
 */

import { isLoraTarget, type LoraOptions, loraDefaults, loraRank } from '../adapters/lora-options.ts'
import type { Trace, Value } from './trace.ts'

/** A model's weights for tracing, and how they are trained. */
export interface TracedWeights {
  readonly trace: Trace
  /** Bytes per number of weights and activations. */
  readonly width: number
  readonly windowLength: number
  readonly threads: number
  /** Adapters of frozen weights; without it the weights are trained. */
  readonly adapter: TracedAdapter | undefined
  /** Prefix of the modules named by `linear`. */
  readonly prefix: string
}

export type TracedAdapter = Pick<LoraOptions, 'rank' | 'targets'> &
  Partial<Pick<LoraOptions, 'rankPattern' | 'dropout' | 'dora' | 'quantization'>>

export function linear(
  weights: TracedWeights,
  name: string,
  x: Value,
  inputs: number,
  outputs: number,
  bias = false,
): Value {
  const { trace, width, adapter, prefix } = weights
  const weight = trace.parameter(inputs * outputs, width, adapter === undefined)
  const isPacked = adapter?.quantization === 'nf4'
  const y = product(trace, x, weight, inputs, outputs, bias, isPacked)
  const module = `${prefix}${name}`
  if (!adapter || !isLoraTarget(module, adapter.targets)) return y
  const rank = loraRank(module, { ...loraDefaults, ...adapter })
  const { dropout = 0, dora = false } = adapter
  const read = dropout > 0 ? times(trace, x, trace.input(x.numbers, x.width, false)) : x
  const low = lowRank(weights, read, rank, inputs, outputs)
  // As in `LoraLayer.apply`.
  if (!dora) return trace.addInto(y, low)
  const stretch = trace.parameter(outputs, width)
  if (dropout === 0) return times(trace, trace.addInto(bias ? copy(trace, y) : y, low), stretch)
  const frozen = product(trace, read, weight, inputs, outputs, false, isPacked)
  return trace.addInto(y, add(trace, times(trace, frozen, stretch), times(trace, low, stretch)))
}

/** scale · B A x */
function lowRank(
  { trace, width }: TracedWeights,
  x: Value,
  rank: number,
  inputs: number,
  outputs: number,
): Value {
  const xa = product(trace, x, trace.parameter(inputs * rank, width), inputs, rank)
  const scaled = trace.make(xa.numbers, width, { inputs: [[xa, 'new']] })
  return product(trace, scaled, trace.parameter(rank * outputs, width), rank, outputs)
}

/** x [n, inputs] · weightᵀ. */
export function product(
  trace: Trace,
  x: Value,
  weight: Value,
  inputs: number,
  outputs: number,
  bias = false,
  isPacked = false,
): Value {
  // A packed weight is unpacked for each product.
  const unpacked = isPacked ? weight.numbers * weight.width : 0
  const own = bias ? trace.parameter(outputs, weight.width, weight.node !== undefined) : undefined
  return trace.make((x.numbers / inputs) * outputs, x.width, {
    inputs: [[x, 'new'], [weight, 'new'], ...(own ? ([[own, 'new']] as const) : [])],
    saved: [...(weight.node ? [x] : []), ...(x.node ? [weight] : [])],
    working: unpacked,
    workingBack: unpacked,
  })
}

export const add = (trace: Trace, a: Value, b: Value): Value =>
  trace.make(a.numbers, a.width, {
    inputs: [
      [a, 'same'],
      [b, 'same'],
    ],
  })

/**
 * In fp32 it keeps x, each row's root and x divided by it: one operator, so the rest is freed when it is done. For 16-bit floats
 * the kernel keeps x and the roots.
 */
export function rmsNorm({ trace, width, adapter }: TracedWeights, x: Value, d: number): Value {
  const weight = trace.parameter(d, width, adapter === undefined)
  if (x.width === 2)
    return trace.make(x.numbers, x.width, {
      inputs: [
        [x, 'new'],
        [weight, 'new'],
      ],
      saved: [x, trace.input(x.numbers / d, 4, false)],
    })
  return trace.scope(() => {
    const x32 = float(trace, x)
    const roots = trace.scope(() => rowRoots(trace, x32, d))
    const normed = trace.scope(() => cast(trace, normedRows(trace, x32, roots), x.width))
    return trace.make(x.numbers, x.width, {
      inputs: [
        [normed, 'new'],
        [weight, 'new'],
      ],
      saved: [...(weight.node ? [normed] : []), weight],
      workingBack: weight.node ? x.numbers * x.width : 0,
    })
  })
}

/** 1 / √(mean(x²) + eps) of each row. */
function rowRoots(trace: Trace, x32: Value, d: number): Value {
  const squares = trace.make(x32.numbers, 4, {
    inputs: [[x32, 'new']],
    saved: [x32],
    // 2 · x, and x to the first power on the way to it.
    workingBack: 2 * x32.numbers * 4,
  })
  const means = trace.make(x32.numbers / d, 4, { inputs: [[squares, 'new']] })
  return trace.make(means.numbers, 4, { inputs: [[means, 'new']] })
}

const normedRows = (trace: Trace, x32: Value, roots: Value): Value =>
  trace.make(x32.numbers, 4, {
    inputs: [
      [x32, 'new'],
      [roots, 'new'],
    ],
    saved: [x32, roots],
    // The gradient of the roots, before it is summed over each row.
    workingBack: x32.numbers * 4,
  })

/** Half a layer, as `LayerPart` has it: x + last(mix(project(x))). */
export interface TracedPart {
  project(x: Value): Value[]
  mix(projected: readonly Value[]): Value
  readonly last: ((mixed: Value) => Value) | undefined
  /** Size of the last product's weight. */
  readonly lastNumbers: number
}

/** A named part, whose parameters are shared between runs. */
export interface NamedPart extends TracedPart {
  readonly name: string
}

export const tracedSwiGlu = (weights: TracedWeights, d: number, ff: number): TracedPart & SwiGluEnd => ({
  project: (x) => [linear(weights, 'gate_proj', x, d, ff), linear(weights, 'up_proj', x, d, ff)],
  mix: ([gate, value]) => {
    const { trace } = weights
    if (gate!.width === 2)
      return trace.make(gate!.numbers, gate!.width, {
        inputs: [
          [gate!, 'new'],
          [value!, 'new'],
        ],
        saved: [gate!, value!],
      })
    return times(
      trace,
      trace.make(gate!.numbers, gate!.width, { inputs: [[gate!, 'new']], saved: [gate!] }),
      value!,
    )
  },
  last: (x) => linear(weights, 'down_proj', x, ff, d),
  lastNumbers: ff * d,
})

interface SwiGluEnd {
  last(mixed: Value): Value
}

export function swiGlu(weights: TracedWeights, x: Value, d: number, ff: number): Value {
  const { project, mix, last } = tracedSwiGlu(weights, d, ff)
  return last(mix(project(x)))
}

/** b may be one number for each of the last dimension. */
export const times = (trace: Trace, a: Value, b: Value): Value =>
  trace.make(a.numbers, Math.max(a.width, b.width), {
    inputs: [
      [a, 'new'],
      [b, 'new'],
    ],
    saved: [...(b.node ? [a] : []), ...(a.node ? [b] : [])],
  })

export const float = (trace: Trace, x: Value): Value => cast(trace, x, 4)

/** Returns x itself if it already has that width. */
export const cast = (trace: Trace, x: Value, width: number): Value =>
  x.width === width ? x : trace.make(x.numbers, width, { inputs: [[x, 'new']] })

/** A copy that passes the gradient on: a reshape of non-contiguous memory. */
export const copy = (trace: Trace, x: Value): Value =>
  trace.make(x.numbers, x.width, { inputs: [[x, 'same']] })

/** As in `rotateInterleaved`: halves multiplied with constant tables and concatenated. */
export function rotate(trace: Trace, x: Value): Value {
  const half = x.numbers / 2
  const [a, b] = trace.views(x, [half, half]) as [Value, Value]
  const turned = (of: Value): Value => trace.make(half, x.width, { inputs: [[of, 'new']] })
  const [ac, bs] = [turned(a), turned(b)]
  const first = trace.make(half, x.width, {
    inputs: [
      [ac, 'same'],
      [bs, 'new'],
    ],
  })
  const second = add(trace, turned(b), turned(a))
  return joined(trace, [first, second])
}

/** Put together in new memory; gradients are views of the whole's. */
export const joined = (trace: Trace, parts: readonly Value[]): Value =>
  trace.make(
    parts.reduce((sum, { numbers }) => sum + numbers, 0),
    parts[0]!.width,
    { inputs: parts.map((part) => [part, 'same'] as const) },
  )

/**
 * libtorch's flash kernel on the CPU: keeps queries, keys, values, the output and the logarithm of each row's sum, and never a
 * score. `width` is that of a head; then the heads of a token are put side by side, which copies them.
 */
export function attention(
  trace: Trace,
  [q, k, v]: readonly [Value, Value, Value],
  { width, windowLength, threads }: AttentionShape,
  mask: Value | undefined,
): Value {
  const rows = q.numbers / width
  const queriesAtOnce = windowLength >= 768 ? 256 : windowLength >= 192 ? 64 : 32
  const scoresAtOnce = queriesAtOnce * Math.min(512, windowLength)
  const sums = trace.input(rows, 4, false)
  const y: Value = trace.make(q.numbers, q.width, {
    inputs: [
      [q, 'new'],
      [k, 'new'],
      [v, 'new'],
    ],
    saved: [q, k, v, sums, ...(mask ? [mask] : [])],
    working: threads * (scoresAtOnce + queriesAtOnce * (2 + width)) * 4,
    workingBack: threads * 2 * scoresAtOnce * 4,
  })
  trace.keepOutput(y)
  return y
}

export interface AttentionShape {
  readonly width: number
  readonly windowLength: number
  readonly threads: number
}
