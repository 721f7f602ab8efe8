/**
 * The quantisation that weights were trained for, stored in an exported folder's config.json: a GGUF export takes that type, and
 * comparisons round as the run did.
 */

import type { GgufPrecision } from '../export/gguf-types.ts'
import { ownIssues } from './quantization-issues.ts'
import { quantizationDefaults, type RunQuantization } from './quantization-options.ts'

/** The part of a run's quantisation that exports keep. */
export type TrainedQuantization = Pick<RunQuantization, 'weights' | 'groupSize' | 'activations' | 'skip'>

/**
 * Key in config.json; Hugging Face readers ignore it.
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
 * The GGUF type; undefined for integers, because GGUF has no type with such scales.
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
  /** Undefined if the key is absent. */
  readonly trained?: TrainedQuantization
  /** Issues of the value, each as a sentence. */
  readonly issues: readonly string[]
}

/**
 * `json` is the value of `quantizationKey` in a config.json.
 *
 * @internal
 */
export function readTrained(json: unknown): ReadTrained {
  if (json === undefined) return { issues: [] }
  if (typeof json !== 'object' || json === null || !('weights' in json))
    return { issues: [`${quantizationKey} is ${JSON.stringify(json)}; it must be an object with weights`] }
  const said = json as Partial<TrainedQuantization> & Pick<TrainedQuantization, 'weights'>
  const trained = trainedOf({ ...quantizationDefaults, activations: 'none', ...said })
  const unread = { fp32Steps: 0, halfSteps: 0, observeSteps: 0, freezeObserversStep: 0, freezeNormsStep: 0 }
  const issues = ownIssues({ ...quantizationDefaults, ...unread, ...trained })
  return issues.length === 0
    ? { trained, issues }
    : { issues: issues.map((each) => `${quantizationKey}.${each}`) }
}
