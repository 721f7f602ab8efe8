/**
 * Chooses the parallel layout for a number of devices, and gives the reason. Pure: computes the memory per device and takes the
 * first layout that fits, in order of communication volume.
 */

import { formatBytes, formatCount } from '@hadal/base'
import { layoutIssues, type ModelConfig, type Precision } from '@hadal/nn'
import type { ParallelOptions } from './parallel-options.ts'

export interface LayoutQuestion {
  readonly model: ModelConfig
  readonly parameters: number
  /** Those of adapters, if the run has them; otherwise all. */
  readonly trainedParameters: number
  readonly precision: Precision
  /** Bytes in a single process. */
  readonly bytes: {
    readonly weights: number
    readonly gradients: number
    readonly optimizer: number
    readonly average: number
    /** Bytes of one pass over all its rows. */
    readonly activations: number
  }
  /** Rows of a pass, which the ranks that divide the batch share. */
  readonly rows: number
  readonly devices: number
  /** Devices per machine; tensor parallelism stays within one. Default: all. */
  readonly devicesPerMachine?: number
  /** Per device. */
  readonly memoryBytes: number
  /** Further reasons against a layout, besides the model's divisibility. */
  refused?(layout: Parts): readonly string[]
}

export type Parts = Pick<ParallelOptions, 'data' | 'tensor' | 'sequence' | 'zero'>

export interface LayoutPlan extends Parts {
  readonly bytesPerDevice: number
  readonly fits: boolean
  /** A sentence each. */
  readonly reasons: readonly string[]
}

/** From this size on tensor parallelism of 4 is the minimum: a layer's products are large enough to make it cheap. */
const largeParameters = 16e9
const usualTensor = 4

/** @internal */
export function planLayout(question: LayoutQuestion): LayoutPlan {
  const { parameters, devices, devicesPerMachine = devices } = question
  const possible = divisors(devices)
    .filter((tensor) => devicesPerMachine % tensor === 0)
    .flatMap((tensor) => partsWith(tensor, devices / tensor))
    .filter((parts) => issuesOf(question, parts).length === 0)
  const isLarge = parameters > largeParameters
  const wanted = isLarge ? Math.min(usualTensor, devicesPerMachine) : 1
  const least = Math.max(1, ...possible.map(({ tensor }) => tensor).filter((tensor) => tensor <= wanted))
  const candidates = possible
    .filter(({ tensor }) => tensor >= least)
    .map((parts): Layout => {
      const bytesPerDevice = deviceBytes(question, parts)
      return { ...parts, bytesPerDevice, fits: bytesPerDevice <= question.memoryBytes }
    })
  const found = candidates.find(({ fits }) => fits)
  const chosen = found ?? candidates.reduce((a, b) => (b.bytesPerDevice < a.bytesPerDevice ? b : a))
  return { ...chosen, reasons: reasonsFor(question, chosen, { least, wanted, isLarge }) }
}

type Layout = Omit<LayoutPlan, 'reasons'>

/** In order of communication volume. */
function partsWith(tensor: number, data: number): Parts[] {
  // With one data-parallel rank there is nothing to shard.
  const stages = data === 1 ? ([0] as const) : ([0, 1, 2, 3] as const)
  const sequences = tensor === 1 ? [false] : [true, false]
  return sequences.flatMap((sequence) => stages.map((zero) => ({ data, tensor, sequence, zero })))
}

function issuesOf({ model, refused }: LayoutQuestion, parts: Parts): readonly string[] {
  const { tensor } = parts
  return [...layoutIssues(model, { tensor, expert: 1 }), ...(refused?.(parts) ?? [])]
}

type HeldBytes = Pick<LayoutQuestion, 'bytes' | 'rows' | 'trainedParameters' | 'precision'>

/**
 * A run's bytes per device, without libtorch and buffers: ZeRO stages shard trained parameters, not frozen ones.
 *
 * @internal
 */
export function deviceBytes(
  { bytes, rows, trainedParameters, precision }: HeldBytes,
  { data, tensor, sequence, zero }: Parts,
): number {
  const from = (stage: number): number => (zero >= stage ? data : 1)
  const working = trainedParameters * (precision === 'fp32' ? 4 : 2)
  const masters = precision === 'fp32' ? 0 : trainedParameters * 4
  const held =
    bytes.weights -
    (working + masters) +
    working / from(3) +
    bytes.gradients / from(2) +
    (masters + bytes.optimizer + bytes.average) / from(1)
  // 10 of 34 parts of a layer's activations are not divided by tensor parallelism (Korthikanti et al. 2022, arXiv:2205.05198,
  // section 4).
  const kept = tensor > 1 && !sequence ? (10 + 24 / tensor) / 34 : 1 / tensor
  const share = Math.ceil(rows / data) / rows
  return Math.ceil(held / tensor + bytes.activations * kept * share)
}

function reasonsFor(
  question: LayoutQuestion,
  { data, tensor, sequence, zero, fits, bytesPerDevice }: Layout,
  { least, wanted, isLarge }: { least: number; wanted: number; isLarge: boolean },
): string[] {
  const { parameters, rows, devices, devicesPerMachine = devices, memoryBytes } = question
  const reasons: string[] = []
  const memory = formatBytes(memoryBytes)
  if (isLarge)
    reasons.push(
      `the model has ${formatCount(parameters)} parameters; above 16B layers are divided by ${usualTensor} within a machine`,
    )
  if (isLarge && wanted < usualTensor) reasons.push(`a machine has ${devicesPerMachine} devices only`)
  if (least < wanted) {
    const [issue] = issuesOf(question, { data: devices / wanted, tensor: wanted, sequence: false, zero: 0 })
    reasons.push(
      `layers are split ${least} ways, not ${wanted}: ${issue ?? `${devices} devices do not divide by it`}`,
    )
  }
  if (tensor > least)
    reasons.push(
      `divided by ${tensor} the layers need ${formatBytes(bytesPerDevice)} of ${memory}; undivided, or by less, more than there is`,
    )
  if (sequence)
    reasons.push(
      'activations between split layers are sharded along the sequence: a quarter more traffic, less memory',
    )
  if (data > 1)
    reasons.push(`${data} parts of each batch, whose gradients are summed while they are computed`)
  if (zero !== 0)
    reasons.push(
      `${zeroText[zero]}, as ${formatBytes(deviceBytes(question, { data, tensor, sequence, zero: (zero - 1) as 0 }))} would not fit ${memory}`,
    )
  if (rows < data)
    reasons.push(
      `a pass of ${rows} cannot be divided by ${data}: set batch.windows to a multiple of ${data}, and lower batch.accumulate`,
    )
  if (!fits)
    reasons.push(
      `it needs ${formatBytes(bytesPerDevice)} on each device, which has ${memory}: use more devices, or lower batch.windows`,
    )
  return reasons
}

const zeroText = {
  1: 'the state of the optimizer is divided',
  2: 'the state of the optimizer and the gradients are divided',
  3: 'weights, gradients and optimizer state are sharded, with 50 % more traffic',
} as const

const divisors = (whole: number): number[] =>
  Array.from({ length: whole }, (_, i) => i + 1).filter((part) => whole % part === 0)
