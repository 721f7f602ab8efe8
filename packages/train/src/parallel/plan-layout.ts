/**
 * How many parts of the batch and of each layer a number of devices should make of a run, and why. Pure: counts what each device
 * would hold and takes the first layout that fits, the one with the least traffic first.
 */

import { formatBytes, formatCount } from '@hadal/base'
import { layoutFaults, type ModelConfig } from '@hadal/nn'
import type { ParallelOptions } from './parallel-options.ts'

export interface LayoutQuestion {
  readonly model: ModelConfig
  readonly parameters: number
  /** What one process by itself would hold. */
  readonly bytes: {
    readonly weights: number
    readonly gradients: number
    readonly optimizer: number
    readonly average: number
    /** Of one pass over all its rows. */
    readonly activations: number
  }
  /** Rows of a pass, which the ranks that divide the batch share. */
  readonly rows: number
  readonly devices: number
  /** Of them, on one machine: layers are not divided beyond it. All where it is left out. */
  readonly devicesPerMachine?: number
  /** Of one device. */
  readonly memoryBytes: number
}

export interface LayoutPlan extends Pick<ParallelOptions, 'data' | 'tensor' | 'sequence' | 'zero'> {
  readonly bytesPerDevice: number
  readonly fits: boolean
  /** A sentence each. */
  readonly reasons: readonly string[]
}

/** From here on layers are divided by four: the products of one layer are large enough that it costs little. */
const largeParameters = 16e9
const usualTensor = 4

export function planLayout(question: LayoutQuestion): LayoutPlan {
  const { model, parameters, devices, devicesPerMachine = devices } = question
  const divisible = divisors(devices).filter(
    (tensor) => devicesPerMachine % tensor === 0 && layoutFaults(model, { tensor, expert: 1 }).length === 0,
  )
  const isLarge = parameters > largeParameters
  const wanted = isLarge ? Math.min(usualTensor, devicesPerMachine) : 1
  const least = Math.max(...divisible.filter((tensor) => tensor <= wanted))
  const candidates = divisible
    .filter((tensor) => tensor >= least)
    .flatMap((tensor) => zeroStages(devices / tensor).map((zero) => layoutOf(question, tensor, zero)))
  const found = candidates.find(({ fits }) => fits)
  const chosen = found ?? candidates.reduce((a, b) => (b.bytesPerDevice < a.bytesPerDevice ? b : a))
  return { ...chosen, reasons: reasonsFor(question, chosen, { least, wanted, isLarge }) }
}

type Layout = Omit<LayoutPlan, 'reasons'>

/** Parts that nobody shares need not be divided. */
const zeroStages = (data: number): readonly ParallelOptions['zero'][] => (data === 1 ? [0] : [0, 1, 2, 3])

function layoutOf(question: LayoutQuestion, tensor: number, zero: ParallelOptions['zero']): Layout {
  const { devices, memoryBytes } = question
  const data = devices / tensor
  const bytesPerDevice = deviceBytes(question, { data, tensor, zero })
  return { data, tensor, sequence: tensor > 1, zero, bytesPerDevice, fits: bytesPerDevice <= memoryBytes }
}

/** What a device holds of a run, beside libtorch and buffers. */
export function deviceBytes(
  { bytes, rows }: Pick<LayoutQuestion, 'bytes' | 'rows'>,
  { data, tensor, zero }: Pick<LayoutPlan, 'data' | 'tensor' | 'zero'>,
): number {
  const from = (stage: number): number => (zero >= stage ? data : 1)
  const held = bytes.weights / from(3) + bytes.gradients / from(2) + bytes.optimizer / from(1) + bytes.average
  // With sequence parallelism all that lies between divided layers is divided, too (Korthikanti et al. 2022, arXiv:2205.05198).
  const share = Math.ceil(rows / data) / rows
  return Math.ceil((held + bytes.activations * share) / tensor)
}

function reasonsFor(
  { parameters, bytes, rows, devices, devicesPerMachine = devices, memoryBytes, model }: LayoutQuestion,
  { data, tensor, zero, fits, bytesPerDevice }: Layout,
  { least, wanted, isLarge }: { least: number; wanted: number; isLarge: boolean },
): string[] {
  const reasons: string[] = []
  const memory = formatBytes(memoryBytes)
  if (isLarge)
    reasons.push(
      `the model has ${formatCount(parameters)} parameters; above 16B layers are divided by ${usualTensor} within a machine`,
    )
  if (isLarge && wanted < usualTensor) reasons.push(`a machine has ${devicesPerMachine} devices only`)
  if (least < wanted) {
    const [fault] = layoutFaults(model, { tensor: wanted, expert: 1 })
    reasons.push(
      `layers are divided by ${least} and not ${wanted}: ${fault ?? `${devices} devices do not divide by it`}`,
    )
  }
  if (tensor > least)
    reasons.push(
      `divided by ${tensor} the layers need ${formatBytes(bytesPerDevice)} of ${memory}; undivided, or by less, more than there is`,
    )
  if (tensor > 1)
    reasons.push(
      'what lies between divided layers is divided along the sequence: the same traffic, less memory',
    )
  if (data > 1)
    reasons.push(`${data} parts of each batch, whose gradients are summed while they are computed`)
  if (zero !== 0)
    reasons.push(
      `${zeroText[zero]}, as ${formatBytes(deviceBytes({ bytes, rows }, { data, tensor, zero: (zero - 1) as 0 }))} would not fit ${memory}`,
    )
  if (rows < data)
    reasons.push(
      `a pass of ${rows} cannot be divided by ${data}: read ${data} at once (batch.windows), in fewer passes (batch.accumulate)`,
    )
  if (!fits)
    reasons.push(
      `it needs ${formatBytes(bytesPerDevice)} on each device, which has ${memory}: take more devices, or less batch.windows`,
    )
  return reasons
}

const zeroText = {
  1: 'the state of the optimizer is divided',
  2: 'the state of the optimizer and the gradients are divided',
  3: 'weights, gradients and the state of the optimizer are divided, at half as much traffic again',
} as const

const divisors = (whole: number): number[] =>
  Array.from({ length: whole }, (_, i) => i + 1).filter((part) => whole % part === 0)
