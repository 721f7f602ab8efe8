/** The records of a tape (`tape/records.ts`, `tape/run-on-tape.ts`) as holders of memory. To be changed with them. */

import type { SegmentMode } from '../tape/run-on-tape.ts'
import type { Ledger, Storage } from './ledger.ts'
import type { Node, Trace, Value } from './trace.ts'
import { add, type NamedPart, type TracedPart, type TracedWeights } from './traced-layers.ts'

/** Gradients added up, as a tape does it: a sum is new memory. */
export class GradientSums {
  readonly #ledger: Ledger
  readonly #sums = new Map<Node, Storage>()

  constructor(ledger: Ledger) {
    this.#ledger = ledger
  }

  /** Takes ownership of `part`. */
  add(of: Node, part: Storage): void {
    const sum = this.#sums.get(of)
    if (!sum) {
      this.#sums.set(of, part)
      return
    }
    this.#sums.set(of, this.#ledger.take(Math.max(sum.bytes, part.bytes)))
    this.#ledger.drop(sum)
    this.#ledger.drop(part)
  }

  addAll(parts: ReadonlyMap<Node, Storage>): void {
    for (const [of, part] of parts) this.add(of, part)
  }

  /** The sum for `of`, passed to the caller. */
  take(of: Value): Storage | undefined {
    const sum = of.node && this.#sums.get(of.node)
    if (of.node) this.#sums.delete(of.node)
    return sum
  }
}

export interface TracedRecord {
  /** Leaves, as the output is. */
  readonly input: Value
  readonly output: Value
  back(sums: GradientSums): void
}

/** Neighbouring halves of layers, run in one mode. */
export function tracedSegment(
  weights: TracedWeights,
  parts: readonly NamedPart[],
  mode: SegmentMode,
  x: Value,
  isPlain: boolean,
): TracedRecord {
  const { trace } = weights
  const part = parts.at(-1)!
  const through = (start: Value): Value =>
    parts.slice(0, -1).reduce((at, each) => trace.scope(() => whole(trace, each, at)), start)
  if (mode === 'kept') return keptRecord(trace, x, (at) => [whole(trace, part, through(at))])
  const end = isPlain && part.last ? part : undefined
  const mixed = (projected: readonly Value[], at: Value): Value[] => {
    const h = part.mix(projected)
    return end ? [h, at] : [add(trace, at, part.last ? part.last(h) : h)]
  }
  if (mode === 'recomputed')
    return recomputedRecord(weights, [x], end, ([at]) => {
      const before = through(at!)
      return mixed(part.project(before), before)
    })
  const first = keptRecord(trace, x, (at) => [at, ...part.project(at)])
  const second = recomputedRecord(weights, first.outputs, end, ([at, ...projected]) => mixed(projected, at!))
  return {
    input: x,
    output: second.output,
    back: (sums) => {
      second.back(sums)
      first.back(sums)
    },
  }
}

function whole(trace: Trace, { project, mix, last }: TracedPart, x: Value): Value {
  const mixed = mix(project(x))
  return add(trace, x, last ? last(mixed) : mixed)
}

function keptRecord(
  trace: Trace,
  x: Value,
  body: (x: Value) => Value[],
): TracedRecord & { readonly outputs: readonly Value[] } {
  const { ledger } = trace
  const made = trace.scope(() => body(x))
  for (const { storage } of made) ledger.hold(storage)
  const outputs = made.map((value) => trace.leafOf(value))
  return {
    input: x,
    output: outputs[0]!,
    outputs,
    back: (sums) => {
      const given = outputs.map((output) => sums.take(output))
      const pairs = made.flatMap((value, i) => (given[i] ? [[value, given[i]] as const] : []))
      sums.addAll(trace.back(pairs))
      for (const storage of given) if (storage) ledger.drop(storage)
      for (const { storage } of made) ledger.drop(storage)
    },
  }
}

/** `end` is the part whose last product's gradients do not need its output; then `body` returns that product's input and the residual. */
function recomputedRecord(
  { trace, width }: TracedWeights,
  inputs: readonly Value[],
  end: NamedPart | undefined,
  body: (inputs: readonly Value[]) => Value[],
): TracedRecord {
  const { ledger } = trace
  const [made] = trace.noGrad(() =>
    trace.scope(() => {
      const [h, at] = body(inputs)
      return [end ? add(trace, at!, end.last!(h!)) : h!]
    }),
  ) as [Value]
  ledger.hold(made.storage)
  const output = trace.leaf(made)
  return {
    input: inputs[0]!,
    output,
    back: (sums) => {
      const given = sums.take(output)!
      trace.scope(() => {
        const [result, at] = trace.scope(() => body(inputs)) as [Value, Value]
        if (end) {
          const weight = trace.named(`${end.name}end`, () => trace.parameter(end.lastNumbers, width))
          sums.add(weight.node!, ledger.take(end.lastNumbers * width))
          const dResult = ledger.take(result.numbers * width)
          sums.addAll(
            trace.back([
              [result, dResult],
              [at, given],
            ]),
          )
          ledger.drop(dResult)
        } else sums.addAll(trace.back([[result, given]]))
        return []
      })
      ledger.drop(given)
      ledger.drop(made.storage)
    },
  }
}
