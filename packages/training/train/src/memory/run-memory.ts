/**
 * Estimates the peak memory of a run's step: persistent memory plus what each phase allocates, given the memory of a pass. Creates
 * no tensors.
 */

import { frozenBytes, loraDefaults, loraTensors, type WantedTensor } from '@hadal/nn'
import { widestPrecision } from '../quantization/quantization-of.ts'
import type { RunConfig } from '../run-config.ts'
import { optimizerBytes, optimizerTableBytes, product, updateBytes } from './optimizer-bytes.ts'
import { roundedAdapterMemory } from './rounded-adapter-memory.ts'

/** Bytes by owner. */
export interface OwnedBytes {
  /** fp32 masters of trained parameters and their low-precision working copies; frozen weights as stored; position tables. */
  readonly weights: number
  /** Bytes of a whole step, fp32. */
  readonly gradients: number
  readonly optimizer: number
  readonly average: number
  /** The rest of the peak: activations kept for the backward pass and intermediates, or those of an update. */
  readonly activations: number
}

/** The parts of a step that follow one another. */
export type StepPhase = 'forward' | 'back' | 'update'

export interface MemoryPlan {
  /** Together the peak. */
  readonly bytes: OwnedBytes
  /** Peak of each phase. */
  readonly phases: Readonly<Record<StepPhase, number>>
}

/** Sizes of all parameters with gradients. */
export interface TrainedNumbers {
  readonly numbers: number
  /** Size of the largest tensor. */
  readonly largest: number
}

/** Peak of the passes on top of persistent memory; includes gradients. */
export interface PassMemory {
  readonly forward: number
  readonly back: number
}

/** For a model with such `weights` and position tables of the given bytes. */
export function stepMemory(
  run: RunConfig,
  weights: Iterable<WantedTensor>,
  tableBytes: number,
  ofPass: (trained: TrainedNumbers) => PassMemory,
): MemoryPlan {
  const { adapter } = run
  const precision = widestPrecision(run)
  const all = [...weights]
  const tensors = trainedTensors(run, all)
  const sizes = tensors.map(({ shape }) => product(shape))
  const numbers = sizes.reduce((sum, size) => sum + size, 0)
  const [copied, width] = precision === 'fp32' ? [run.quantization ? 8 : 4, 4] : [6, 2]
  const frozen = adapter ? frozenBytes(all, { ...loraDefaults, ...adapter }, width) : 0
  const rounded = roundedAdapterMemory(run, all, width)
  const held = numbers * copied + frozen + rounded.held + tableBytes
  const gradients = numbers * 4
  const optimizer = optimizerBytes(tensors, run.optimizer) + optimizerTableBytes(run.optimizer)
  const average = run.average ? numbers * 4 : 0
  const fixed = held + optimizer + average
  const pass = ofPass({ numbers, largest: Math.max(0, ...sizes) })
  const phases = {
    forward: fixed + pass.forward + rounded.pass,
    back: fixed + pass.back + rounded.pass,
    update: fixed + gradients + updateBytes(tensors, run.optimizer),
  }
  const activations = peakBytes({ phases }) - fixed - gradients
  return { bytes: { weights: held, gradients, optimizer, average, activations }, phases }
}

/** The model's parameters, or the adapters'; heads are negligible. */
export const trainedTensors = ({ adapter }: RunConfig, weights: Iterable<WantedTensor>): WantedTensor[] =>
  adapter ? [...loraTensors(weights, { ...loraDefaults, ...adapter })] : [...weights]

export const peakBytes = ({ phases }: Pick<MemoryPlan, 'phases'>): number =>
  Math.max(...Object.values(phases))

/** The phase with the highest peak. */
export const peakPhase = ({ phases }: Pick<MemoryPlan, 'phases'>): StepPhase =>
  (Object.keys(phases) as StepPhase[]).reduce((a, b) => (phases[b] > phases[a] ? b : a))
