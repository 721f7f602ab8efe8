/** Benchmarks an operator against its reference: alternating rounds, forward only and with the backward pass. Prints nothing. */

import { median } from '@hadal/base'
import type { DType } from '../../dtype.ts'
import { grad } from '../../grad.ts'
import { manualSeed } from '../../library.ts'
import { noGrad, scope } from '../../scope.ts'
import { type DefineOptions, defineOp } from '../define-op.ts'
import type { Op } from '../op-definition.ts'
import { drawnWeights, leavesIn, tensorsIn, throughIn } from './grad-check.ts'
import { drawIn } from './layouts.ts'
import { type OpModule, usualBenchShapes, usualDtypes } from './op-module.ts'

export interface BenchLine {
  readonly shape: readonly number[]
  readonly dtype: DType
  readonly direction: 'forward' | 'forward and back'
  /** Medians over the rounds, of one call. */
  readonly opMicros: number
  readonly referenceMicros: number
  /** Arguments read and results written once. */
  readonly bytes: number
  /** [operator, reference] of each round, microseconds of one call. */
  readonly rounds: readonly (readonly [number, number])[]
}

export interface BenchReport {
  readonly name: string
  readonly build: string
  readonly lines: readonly BenchLine[]
}

export interface BenchOpOptions extends DefineOptions {
  readonly rounds?: number
  /** Time of one round of one of the two. */
  readonly millis?: number
  readonly onLine?: (line: BenchLine) => void
}

/**
 * On the CPU. Throws what `defineOp` and the operator throw. The operator is unloaded afterwards.
 *
 * @example
 * ```ts
 * import { benchOp, fusedSwiGlu, torch } from '@hadal/tensor'
 *
 * const report = await benchOp({
 *   definition: fusedSwiGlu,
 *   reference: (gate, value) => torch.silu(gate).mul(value),
 *   arguments: (draw, shape) => [draw(shape), draw(shape)],
 *   benchShapes: [[256, 1024]],
 * })
 * for (const { shape, opMicros, referenceMicros } of report.lines) console.log(shape, opMicros, referenceMicros)
 * ```
 */
export async function benchOp<Schema extends string>(
  module: OpModule<Schema>,
  { rounds = 7, millis = 40, onLine, ...options }: BenchOpOptions = {},
): Promise<BenchReport> {
  const given = module as unknown as OpModule
  const op = (await defineOp(given.definition, options)) as Op<string>
  try {
    manualSeed(1)
    const lines: BenchLine[] = []
    const dtype = (given.dtypes ?? usualDtypes)[0]!
    for (const shape of given.benchShapes ?? usualBenchShapes)
      for (const line of scope(() => measure(given, op, shape, dtype, rounds, millis))) {
        onLine?.(line)
        lines.push(line)
      }
    return { name: op.opName, build: op.build.reason, lines }
  } finally {
    op.unload()
  }
}

type Call = (...args: readonly unknown[]) => unknown

function measure(
  module: OpModule,
  op: Op<string>,
  shape: readonly number[],
  dtype: DType,
  rounds: number,
  millis: number,
): BenchLine[] {
  const args = module.arguments(drawIn(dtype, 'cpu', 'contiguous'), shape)
  const weights = drawnWeights(op, args)
  const bytes = [...args.flatMap(tensorsIn), ...noGrad(() => tensorsIn(op(...args)))].reduce(
    (sum, tensor) => sum + tensor.nbytes,
    0,
  )
  const forward = (call: Call) => (): unknown => noGrad(() => call(...args))
  const through = scope(() => throughIn(tensorsIn(op(...args))))
  const back = (call: Call) => (): unknown => {
    const results = tensorsIn(call(...args))
    return grad(
      through.map((i) => results[i]!),
      leavesIn(args),
      { gradOutputs: through.map((i) => weights[i]!), allowUnused: true },
    )
  }
  const line = (direction: BenchLine['direction'], ours: () => unknown, theirs: () => unknown): BenchLine => {
    const measured = inTurns(ours, theirs, rounds, millis)
    return {
      shape,
      dtype,
      direction,
      opMicros: median(measured.map(([first]) => first)),
      referenceMicros: median(measured.map(([, second]) => second)),
      bytes,
      rounds: measured,
    }
  }
  const lines = [line('forward', forward(op), forward(module.reference))]
  if (through.length > 0) lines.push(line('forward and back', back(op), back(module.reference)))
  return lines
}

function inTurns(
  ours: () => unknown,
  theirs: () => unknown,
  rounds: number,
  millis: number,
): [number, number][] {
  const counts = [countFor(ours, millis), countFor(theirs, millis)] as const
  return Array.from({ length: rounds }, () => [timed(ours, counts[0]), timed(theirs, counts[1])])
}

/** Number of calls that take about `millis`. */
function countFor(call: () => unknown, millis: number): number {
  timed(call, 1)
  for (let count = 1; ; count *= 4) {
    const micros = timed(call, count)
    if (micros * count >= (1000 * millis) / 8 || count >= 1 << 16)
      return Math.max(1, Math.round((1000 * millis) / Math.max(micros, 0.1)))
  }
}

/** Microseconds of one. */
function timed(call: () => unknown, count: number): number {
  const start = performance.now()
  for (let done = 0; done < count; )
    scope(() => {
      for (let i = 0; i < 64 && done < count; i++, done++) call()
    })
  return ((performance.now() - start) * 1000) / count
}
