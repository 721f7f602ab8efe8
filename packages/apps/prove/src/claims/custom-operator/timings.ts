/** Times the operator and its reference alternately. */

import { defineOp, grad, manualSeed, noGrad, type Op, scope, type Tensor, torch } from '@hadal/tensor'
import type { ClaimMode } from '../../claim.ts'
import { addNorm, type Schema } from './add-norm.ts'

export interface OperatorTiming {
  readonly device: 'cpu' | 'cuda'
  readonly shape: readonly number[]
  readonly direction: 'forward' | 'forward and back'
  /**
   * Microseconds of one call, by round: [operator, reference]. Processor time on the CPU, wall-clock time on
   * a GPU.
   */
  readonly micros: readonly (readonly [number, number])[]
}

export interface TimeJob {
  readonly mode: ClaimMode
  readonly seed: number
  readonly hasGpu: boolean
}

type Call = (x: Tensor, residual: Tensor, weight: Tensor, eps: number) => readonly Tensor[]

/** As a decoder without the operator has it. */
const composed: Call = (x, residual, weight, eps) => [
  torch.rmsNorm(x.add(residual), [...weight.shape], weight, eps),
]

const shapesOf: Readonly<Record<ClaimMode, readonly (readonly number[])[]>> = {
  quick: [
    [4096, 256],
    [2048, 768],
  ],
  full: [
    [64, 256],
    [4096, 256],
    [2048, 768],
    [8192, 1024],
  ],
}

/** CUDA kernels only when requested: nvcc takes a while. */
export const moduleFor = ({ mode, hasGpu }: Omit<TimeJob, 'seed'>): ReturnType<typeof addNorm> =>
  addNorm(hasGpu || mode === 'full')

export async function timeOperator(job: TimeJob): Promise<OperatorTiming[]> {
  const [rounds, millis] = job.mode === 'quick' ? [7, 40] : [15, 200]
  const op = await defineOp(moduleFor(job).definition)
  manualSeed(job.seed)
  const devices = job.hasGpu ? (['cpu', 'cuda'] as const) : (['cpu'] as const)
  const timings = devices.flatMap((device) =>
    shapesOf[job.mode].flatMap((shape) => scope(() => timesOf(op, device, shape, rounds, millis))),
  )
  op.unload()
  return timings
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
      // Alternate the order.
      const first = round % 2 === 0 ? timed(ours, counts[0], device) : undefined
      const second = timed(theirs, counts[1], device)
      return [first ?? timed(ours, counts[0], device), second] as const
    })
    return { device, shape, direction: direction as OperatorTiming['direction'], micros }
  })
}

/** Number of calls that take about `millis`. */
function countFor(call: () => unknown, device: OperatorTiming['device'], millis: number): number {
  timed(call, 3, device)
  return Math.max(1, Math.round((1000 * millis) / Math.max(1, timed(call, 5, device))))
}

/** Microseconds of one call. */
function timed(call: () => unknown, count: number, device: OperatorTiming['device']): number {
  const [cpu, clock] = [process.cpuUsage(), performance.now()]
  for (let done = 0; done < count; done += 1) scope(() => void call())
  // A GPU continues asynchronously until a value is read.
  if (device === 'cuda') scope(() => torch.zeros([1]).to(device).item())
  const { user, system } = process.cpuUsage(cpu)
  return (device === 'cuda' ? 1000 * (performance.now() - clock) : user + system) / count
}
