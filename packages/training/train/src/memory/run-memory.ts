/**
 * The most memory that a step of a run takes: what lies there between steps, and what each phase of a step makes beside it. Knows
 * nothing about what a pass takes. Makes no tensor.
 */

import { frozenBytes, loraDefaults, loraTensors, type WantedTensor } from '@hadal/nn'
import { widestPrecision } from '../quantization/quantization-options.ts'
import type { RunConfig } from '../run.ts'
import { optimizerBytes, optimizerTableBytes, product, updateBytes } from './optimizer-bytes.ts'
import { roundedAdapterMemory } from './rounded-adapter-memory.ts'

/** Who memory belongs to, in bytes. */
export interface OwnedBytes {
  /**
   * What is trained in fp32, with the narrow copies that compute where the run has such; frozen weights as they are kept; tables of
   * positions.
   */
  readonly weights: number
  /** Of a whole step, fp32. */
  readonly gradients: number
  readonly optimizer: number
  readonly average: number
  /** What the peak has beside these: what passes keep for their way back and compute with, or what an update does. */
  readonly activations: number
}

/** The parts of a step that follow one another. */
export type StepPhase = 'forward' | 'back' | 'update'

export interface MemoryPlan {
  /** Together the peak. */
  readonly bytes: OwnedBytes
  /** All that is held at the most in each phase. */
  readonly phases: Readonly<Record<StepPhase, number>>
}

/** Of all that has gradients. */
export interface TrainedNumbers {
  readonly numbers: number
  /** Of the largest tensor among them. */
  readonly largest: number
}

/** The most that passes take beside what lies there between steps, gradients among it. */
export interface PassMemory {
  readonly forward: number
  readonly back: number
}

/** Of a model with such `weights` and tables of so many bytes. */
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

/** Of the model itself, or of the adapters beside it; heads are small. */
export const trainedTensors = ({ adapter }: RunConfig, weights: Iterable<WantedTensor>): WantedTensor[] =>
  adapter ? [...loraTensors(weights, { ...loraDefaults, ...adapter })] : [...weights]

export const peakBytes = ({ phases }: Pick<MemoryPlan, 'phases'>): number =>
  Math.max(...Object.values(phases))

/** The phase in which a step takes the most. */
export const peakPhase = ({ phases }: Pick<MemoryPlan, 'phases'>): StepPhase =>
  (Object.keys(phases) as StepPhase[]).reduce((a, b) => (phases[b] > phases[a] ? b : a))
