/**
 * What weights were trained for, as an exported folder says it in its config.json: whoever writes a GGUF file of them takes that type,
 * whoever compares rounds as the run did. Knows nothing about runs that are under way.
 */

import type { GgufPrecision } from '../export/gguf-types.ts'
import { ownFaults } from './quantization-faults.ts'
import { quantizationDefaults, type RunQuantization } from './quantization-options.ts'

/** What of a run's quantisation outlives it. */
export type TrainedQuantization = Pick<RunQuantization, 'weights' | 'groupSize' | 'activations' | 'skip'>

/**
 * Of config.json; readers of Hugging Face's folders leave it alone.
 *
 * @internal
 */
export const quantizationKey = 'hadal_quantization'

export const trainedOf = ({
  weights,
  groupSize,
  activations,
  skip,
}: TrainedQuantization): TrainedQuantization => ({
  weights,
  groupSize,
  activations,
  skip,
})

/**
 * The type that GGUF has for it; undefined for integers, of whose scales it has none.
 *
 * @internal
 */
export function ggufPrecision({
  weights,
}: Pick<TrainedQuantization, 'weights'>): 'Q8_0' | 'Q4_0' | 'Q4_K' | undefined {
  return weights === 'int8' || weights === 'int4'
    ? undefined
    : (weights.toUpperCase() as GgufPrecision & `Q${string}`)
}

export interface ReadTrained {
  /** Undefined where nothing is said. */
  readonly trained?: TrainedQuantization
  /** What is wrong with what is said, each as a sentence. */
  readonly faults: readonly string[]
}

/**
 * `json` is what a config.json says under `quantizationKey`.
 *
 * @internal
 */
export function readTrained(json: unknown): ReadTrained {
  if (json === undefined) return { faults: [] }
  if (typeof json !== 'object' || json === null || !('weights' in json))
    return { faults: [`${quantizationKey} is ${JSON.stringify(json)}; it must be an object with weights`] }
  const said = json as Partial<TrainedQuantization> & Pick<TrainedQuantization, 'weights'>
  const trained = trainedOf({ ...quantizationDefaults, activations: 'none', ...said })
  const unread = { fp32Steps: 0, halfSteps: 0, observeSteps: 0, freezeObserversStep: 0, freezeNormsStep: 0 }
  const faults = ownFaults({ ...quantizationDefaults, ...unread, ...trained })
  return faults.length === 0
    ? { trained, faults }
    : { faults: faults.map((each) => `${quantizationKey}.${each}`) }
}
