/** Runs the parts of a model on a tape, each segment in its planned mode. */

import { recordRange, scope, type Tensor, torch } from '@hadal/tensor'
import { columnRecord } from '../parallel/column-record.ts'
import {
  addPart,
  type Columns,
  inRanges,
  type LayerPart,
  partOf,
  type RunParts,
  rangeOf,
  runPart,
} from './layer-part.ts'
import { type Body, kept, type RecordEnd, recomputed, residualEnd } from './records.ts'
import type { Tape } from './tape.ts'

/**
 * `kept`: keeps everything the backward pass reads. `light`: keeps products and recomputes the operations between them, which takes
 * little time. `recomputed`: keeps only the input.
 */
export type SegmentMode = 'kept' | 'light' | 'recomputed'

/** Neighbouring parts that are run alike; `light` ones stand alone. */
export interface Segment {
  readonly parts: number
  readonly mode: SegmentMode
}

/**
 * Trainable parameters by part.
 *
 * @internal
 */
export class PartParameters {
  readonly #lists = new Map<string, Tensor[]>()

  /** `named` are named as checkpoints name them; adapters begin with the name of their module. */
  constructor(named: ReadonlyMap<string, Tensor>) {
    for (const [name, parameter] of named) {
      const part = partOf(name)
      if (!part || !parameter.requiresGrad) continue
      const list = this.#lists.get(key(part))
      if (list) list.push(parameter)
      else this.#lists.set(key(part), [parameter])
    }
  }

  of(parts: readonly LayerPart[]): readonly Tensor[] {
    return parts.flatMap((part) => this.#lists.get(key(part)) ?? [])
  }
}

const key = ({ layer, kind }: Pick<LayerPart, 'layer' | 'kind'>): string => `${layer}.${kind}`

/**
 * The segments follow one another; together they are all parts of the model.
 *
 * @internal
 */
export function runOnTape(tape: Tape, segments: readonly Segment[], parameters: PartParameters): RunParts {
  return (parts, x_btd, beside) => {
    tape.keep(beside)
    let x = x_btd
    let start = 0
    for (const { parts: count, mode } of segments) {
      const segment = inRanges(parts.slice(start, start + count))
      x = runSegment(tape, segment, mode, parameters.of(segment), x)
      start += count
    }
    return x
  }
}

function runSegment(
  tape: Tape,
  parts: readonly LayerPart[],
  mode: SegmentMode,
  parameters: readonly Tensor[],
  x: Tensor,
): Tensor {
  const before = parts.slice(0, -1)
  const part = parts.at(-1)!
  const through = (start: Tensor): Tensor =>
    before.reduce((at, each) => scope(() => runPart(each, at)), start)
  const columns = mode === 'recomputed' || before.length > 0 ? undefined : part.columns
  if (columns?.linears.every((linear) => linear.isPlain))
    return runColumns(tape, part, columns, mode, parameters, x)
  if (mode === 'kept') return kept(tape, [x], parameters, (x_btd) => [runPart(part, through(x_btd!))])[0]!
  const { finish, end } = finishOf(part)
  if (mode === 'light') {
    // The residual goes through the first record, and last there: so autograd adds its gradients up as it does without records.
    const project = (at: Tensor): Tensor[] => {
      const products = part.project(at)
      return [torch.alias(at), ...products]
    }
    const projected = kept(tape, [x], parameters, project as Body)
    const mix = (at: Tensor, ...given: readonly Tensor[]): Tensor[] => finish(given, at)
    return recomputed(tape, projected, parameters, mix as Body, { end, own: [] })[0]!
  }
  const whole = (x_btd: Tensor): Tensor[] => {
    const at = through(x_btd)
    return finish(part.project(at), at)
  }
  return recomputed(tape, [x], parameters, whole as Body, { end })[0]!
}

/** A divided half as three records; the middle one overlaps communication with computation. */
function runColumns(
  tape: Tape,
  part: LayerPart,
  { norm, linears, entry }: Columns,
  mode: SegmentMode,
  parameters: readonly Tensor[],
  x: Tensor,
): Tensor {
  const own = new Set(linears.flatMap(({ weight, bias }) => (bias ? [weight, bias] : [weight])))
  const ofLinears = parameters.filter((parameter) => own.has(parameter))
  const ofNorm = parameters.filter((parameter) => parameter === norm.weight)
  const others = parameters.filter((parameter) => !own.has(parameter) && parameter !== norm.weight)
  const begin = (at: Tensor): Tensor[] => [torch.alias(at), norm.forward(at)]
  const [at, normed] = kept(tape, [x], ofNorm, begin as Body)
  const inputs = [at!, ...columnRecord(tape, normed!, linears, ofLinears, entry)]
  if (mode === 'kept') {
    const rest = (residual: Tensor, ...given: readonly Tensor[]): Tensor[] => [
      addPart(part, part.mix(given), residual),
    ]
    return kept(tape, inputs, others, rest as Body)[0]!
  }
  const { finish, end } = finishOf(part)
  const mix = (residual: Tensor, ...given: readonly Tensor[]): Tensor[] => finish(given, residual)
  return recomputed(tape, inputs, others, mix as Body, { end })[0]!
}

/** How a part that is recomputed ends: short of its last product, where that can be backpropagated without its result. */
function finishOf(part: LayerPart): {
  readonly finish: (projected: readonly Tensor[], residual: Tensor) => Tensor[]
  readonly end: RecordEnd | undefined
} {
  const end = part.last?.isPlain ? inRange(rangeOf(part), residualEnd(part.last, part.leave)) : undefined
  const finish = (projected: readonly Tensor[], residual: Tensor): Tensor[] => {
    const mixed = part.mix(projected)
    return end ? [mixed, residual] : [addPart(part, mixed, residual)]
  }
  return { finish, end }
}

/** The same end, with a profile range around its backward pass. */
const inRange = (range: string, { finish, back }: RecordEnd): RecordEnd => ({
  finish,
  back: (...given) => recordRange(range, () => back(...given)),
})
