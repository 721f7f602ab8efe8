/** The operator compiled, compared with its reference, and timed beside it in turns. Knows nothing about verdicts. */

import {
  checkOp,
  defineOp,
  getNumThreads,
  grad,
  libraryInfo,
  manualSeed,
  noGrad,
  type Op,
  scope,
  setNumThreads,
  type Tensor,
  torch,
} from '@hadal/tensor'
import type { ClaimContext } from '../../claim.ts'
import { addNorm, type Schema } from './add-norm.ts'

export interface OperatorCheck {
  readonly what: string
  readonly outcome: 'passed' | 'failed' | 'skipped'
  readonly detail: string
}

export interface OperatorTiming {
  readonly device: 'cpu' | 'cuda'
  readonly shape: readonly number[]
  readonly direction: 'forward' | 'forward and back'
  /** Of one call, by round: [operator, reference]. On the CPU the processor's time, on a GPU the clock's. */
  readonly micros: readonly (readonly [number, number])[]
}

export interface CustomOperatorRaw {
  /** How the library came to be: compiled, or from the cache. */
  readonly build: string
  readonly threads: number
  readonly checks: readonly OperatorCheck[]
  readonly timings: readonly OperatorTiming[]
}

type Call = (x: Tensor, residual: Tensor, weight: Tensor, eps: number) => readonly Tensor[]

/** As a decoder without the operator has it. */
const composed: Call = (x, residual, weight, eps) => [
  torch.rmsNorm(x.add(residual), [...weight.shape], weight, eps),
]

export async function measureOperator({
  mode,
  seed,
  note,
  signal,
}: ClaimContext): Promise<CustomOperatorRaw> {
  setNumThreads(1)
  const { cuda } = libraryInfo()
  const module = addNorm(cuda || mode === 'full')
  const { build, lines } = await checkOp(module, { seed })
  note(
    `${build}; ${lines.filter(({ outcome }) => outcome === 'passed').length} of ${lines.length} checks passed`,
  )
  const shapes =
    mode === 'quick'
      ? [
          [4096, 256],
          [2048, 768],
        ]
      : [
          [64, 256],
          [4096, 256],
          [2048, 768],
          [8192, 1024],
        ]
  const [rounds, millis] = mode === 'quick' ? [7, 40] : [15, 200]
  const op = await defineOp(module.definition)
  manualSeed(seed)
  const timings: OperatorTiming[] = []
  for (const device of cuda ? (['cpu', 'cuda'] as const) : (['cpu'] as const))
    for (const shape of shapes) {
      signal.throwIfAborted()
      timings.push(...scope(() => timesOf(op, device, shape, rounds, millis)))
      note(`${device}, ${shape.join(' x ')}: ${rounds} rounds in turns`)
    }
  op.unload()
  return { build, threads: getNumThreads(), checks: lines, timings }
}

function timesOf(
  op: Op<Schema>,
  device: OperatorTiming['device'],
  shape: readonly number[],
  rounds: number,
  millis: number,
): OperatorTiming[] {
  const draw = (size: readonly number[]): Tensor =>
    torch
      .randn([...size])
      .to(device)
      .requiresGrad_(true)
  const [x, residual, weight] = [draw(shape), draw(shape), draw([shape.at(-1)!])]
  const upstream = torch.randn([...shape]).to(device)
  const forward = (call: Call) => (): unknown => noGrad(() => call(x, residual, weight, 1e-5))
  const back = (call: Call) => (): unknown =>
    grad([call(x, residual, weight, 1e-5)[0]!], [x, residual, weight], { gradOutputs: [upstream] })
  const directions = { forward, 'forward and back': back }
  return Object.entries(directions).map(([direction, made]) => {
    const [ours, theirs] = [made(op), made(composed)]
    const counts = [countFor(ours, device, millis), countFor(theirs, device, millis)] as const
    const micros = Array.from({ length: rounds }, (_, round) => {
      // Who begins changes.
      const first = round % 2 === 0 ? timed(ours, counts[0], device) : undefined
      const second = timed(theirs, counts[1], device)
      return [first ?? timed(ours, counts[0], device), second] as const
    })
    return { device, shape, direction: direction as OperatorTiming['direction'], micros }
  })
}

/** Calls that take about so long. */
function countFor(call: () => unknown, device: OperatorTiming['device'], millis: number): number {
  timed(call, 3, device)
  return Math.max(1, Math.round((1000 * millis) / Math.max(1, timed(call, 5, device))))
}

/** Microseconds of one call. */
function timed(call: () => unknown, count: number, device: OperatorTiming['device']): number {
  const [cpu, clock] = [process.cpuUsage(), performance.now()]
  for (let done = 0; done < count; done += 1) scope(() => void call())
  // A GPU computes on while nobody asks it for a number.
  if (device === 'cuda') scope(() => torch.zeros([1]).to(device).item())
  const { user, system } = process.cpuUsage(cpu)
  return (device === 'cuda' ? 1000 * (performance.now() - clock) : user + system) / count
}
