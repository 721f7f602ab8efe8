/**
 * Tests an operator against its reference: values, gradients and shapes, over random shapes, dtypes and memory layouts, on every
 * available device; reports what could not be tested. Prints nothing.
 */

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isHadalError, messageOf } from '@hadal/base'
import type { Device, DType } from '../../dtype.ts'
import { libraryInfo, manualSeed } from '../../library.ts'
import { noGrad, scope } from '../../scope.ts'
import type { Tensor } from '../../tensor.ts'
import { compileCudaKernel, cudaArchitectures } from '../cuda-kernel.ts'
import { type DefineOptions, defineOp } from '../define-op.ts'
import type { Op } from '../op-definition.ts'
import { readSource } from '../sources.ts'
import { drawnWeights, gradientError, gradientsOf, tensorsIn, throughIn } from './grad-check.ts'
import { drawIn, type TensorLayout, tensorLayouts } from './layouts.ts'
import { type OpModule, toleranceOf, usualDtypes, usualShapes } from './op-module.ts'

export interface CheckLine {
  /** `values, cpu, float32` */
  readonly what: string
  readonly outcome: 'passed' | 'failed' | 'skipped'
  /** How far it was off, what failed first, or why it was left out. */
  readonly detail: string
}

export interface CheckReport {
  readonly name: string
  /** How the library came to be. */
  readonly build: string
  readonly lines: readonly CheckLine[]
}

export interface CheckOptions extends DefineOptions {
  readonly seed?: number
}

/**
 * Throws what `defineOp` throws; everything else is in the report. The operator is unloaded afterwards.
 *
 * @example
 * ```ts
 * import { checkOp, fusedSwiGlu, torch } from '@hadal/tensor'
 *
 * const report = await checkOp({
 *   definition: fusedSwiGlu,
 *   reference: (gate, value) => torch.silu(gate).mul(value), // what it must equal, gradients too
 *   arguments: (draw, shape) => [draw(shape), draw(shape)],
 *   shapes: [[4, 8]],
 * })
 * for (const { what, outcome, detail } of report.lines) console.log(outcome, what, detail)
 * ```
 */
export async function checkOp<Schema extends string>(
  module: OpModule<Schema>,
  { seed = 1, ...options }: CheckOptions = {},
): Promise<CheckReport> {
  const given = module as unknown as OpModule
  const op = (await defineOp(given.definition, options)) as Op<string>
  try {
    manualSeed(seed)
    const devices: readonly Device[] = libraryInfo().cuda && given.definition.cuda ? ['cpu', 'cuda'] : ['cpu']
    const lines = devices.flatMap((device) => [
      ...(given.dtypes ?? usualDtypes).flatMap((dtype) => ofDtype(given, op, device, dtype)),
      byDifferences(given, op, device),
    ])
    return {
      name: op.opName,
      build: op.build.reason,
      lines: [...lines, ofShape(given, op), ...(await cuda(given))],
    }
  } finally {
    op.unload()
  }
}

interface Case {
  readonly shape: readonly number[]
  readonly layout: TensorLayout
  readonly dtype: DType
}

function* casesOf(module: OpModule, dtype: DType): Generator<Case> {
  for (const shape of module.shapes ?? usualShapes)
    for (const layout of tensorLayouts) yield { shape, layout, dtype }
}

const named = ({ shape, layout, dtype }: Case): string => `${dtype}[${shape.join(', ')}], ${layout}`

/** One line over many cases: the largest error, or the first case that fails. */
function line(
  what: string,
  cases: Iterable<Case>,
  limit: number,
  error: (each: Case) => number | undefined,
): CheckLine {
  let [worst, count] = [0, 0]
  for (const each of cases) {
    try {
      const found = scope(() => error(each))
      if (found === undefined) return { what, outcome: 'skipped', detail: 'no result has a gradient' }
      if (!(found <= limit))
        return {
          what,
          outcome: 'failed',
          detail: `${named(each)}: off by ${found.toExponential(1)}, allowed ${limit.toExponential(1)}`,
        }
      worst = Math.max(worst, found)
      count += 1
    } catch (thrown) {
      return { what, outcome: 'failed', detail: `${named(each)}: ${messageOf(thrown)}` }
    }
  }
  return {
    what,
    outcome: 'passed',
    detail: `${count} cases, ${worst === 0 ? 'no difference' : `off by ${worst.toExponential(1)} at most`}`,
  }
}

function ofDtype(module: OpModule, op: Op<string>, device: Device, dtype: DType): CheckLine[] {
  const limit = toleranceOf(module, dtype)
  const args = ({ shape, layout }: Case): unknown[] => module.arguments(drawIn(dtype, device, layout), shape)
  return [
    line(`values, ${device}, ${dtype}`, casesOf(module, dtype), limit, (each) => {
      const given = args(each)
      return noGrad(() => largest(tensorsIn(op(...given)), tensorsIn(module.reference(...given))))
    }),
    line(`gradients, ${device}, ${dtype}`, casesOf(module, dtype), 10 * limit, (each) => {
      const given = args(each)
      const through = throughIn(tensorsIn(op(...given)))
      if (through.length === 0) return undefined
      const weights = drawnWeights(op, given)
      const of = (call: typeof op): Tensor[] => gradientsOf(call, given, through, weights)
      return largest(of(op), of(module.reference as typeof op))
    }),
  ]
}

/** As a share of the largest value there; other shapes and dtypes are infinitely far off. */
function largest(ours: readonly Tensor[], theirs: readonly Tensor[]): number {
  if (ours.length < theirs.length) return Number.POSITIVE_INFINITY
  return theirs.reduce((worst, expected, i) => Math.max(worst, difference(ours[i]!, expected)), 0)
}

function difference(ours: Tensor, theirs: Tensor): number {
  if (ours.dtype !== theirs.dtype || String(ours.shape) !== String(theirs.shape))
    return Number.POSITIVE_INFINITY
  if (ours.numel === 0) return 0
  const number = (tensor: Tensor): number => Number(tensor.abs().max().item())
  const off = number(ours.double().sub(theirs.double()))
  return off / Math.max(number(theirs.double()), 1e-30)
}

/** Uses few elements, because each takes two calls. */
function byDifferences(module: OpModule, op: Op<string>, device: Device): CheckLine {
  const what = `gradients by differences, ${device}, float64`
  if (!(module.dtypes ?? usualDtypes).includes('float64'))
    return { what, outcome: 'skipped', detail: 'the operator takes no float64: dtypes does not name it' }
  const small = (module.shapes ?? usualShapes).filter((shape) => shape.reduce((a, b) => a * b, 1) <= 64)
  const cases = small.map((shape): Case => ({ shape, layout: 'contiguous', dtype: 'float64' }))
  return line(what, cases, 1e-6, ({ shape }) =>
    gradientError(op, module.arguments(drawIn('float64', device, 'contiguous'), shape)),
  )
}

/** Results on the `meta` device must have the computed shapes and dtypes. */
function ofShape(module: OpModule, op: Op<string>): CheckLine {
  const dtype = (module.dtypes ?? usualDtypes)[0]!
  return line('shapes, on the device meta', casesOf(module, dtype), 0, ({ shape, layout }) => {
    const args = module.arguments(drawIn(dtype, 'cpu', layout), shape)
    const onMeta = args.map((arg) => (tensorsIn(arg).length > 0 ? toMeta(arg) : arg))
    const [real, reported] = noGrad(() => [tensorsIn(op(...args)), tensorsIn(op(...onMeta))])
    const text = (results: readonly Tensor[]): string =>
      results.map((result) => `${result.dtype}[${result.shape.join(', ')}]`).join(', ')
    if (text(real) === text(reported)) return 0
    throw new Error(`shape says ${text(reported)}, the kernel gives ${text(real)}`)
  })
}

function toMeta(value: unknown): unknown {
  return Array.isArray(value) ? value.map(toMeta) : (value as Tensor).detach().to('meta')
}

/** Kernels of CUDA are compiled where nvcc is, and run where a GPU is. */
async function cuda({ definition }: OpModule): Promise<CheckLine[]> {
  if (definition.cuda === undefined) return []
  const lines: CheckLine[] = []
  const work = mkdtempSync(join(tmpdir(), 'hadal-op-'))
  const what = 'kernel of CUDA, compiled'
  try {
    const kernel = readSource(definition.name, 'cuda kernel', definition.cuda.kernel)
    await compileCudaKernel(definition.name, kernel, { output: join(work, 'kernel.o') })
    lines.push({ what, outcome: 'passed', detail: cudaArchitectures.map((each) => `sm_${each}`).join(', ') })
  } catch (thrown) {
    const isMissing = isHadalError(thrown) && thrown.code === 'op_compiler_missing'
    lines.push({ what, outcome: isMissing ? 'skipped' : 'failed', detail: messageOf(thrown) })
  } finally {
    rmSync(work, { recursive: true })
  }
  if (!libraryInfo().cuda)
    lines.push({
      what: 'kernel of CUDA, run',
      outcome: 'skipped',
      detail: 'needs a GPU and a libtorch with CUDA, which this machine does not have',
    })
  return lines
}
