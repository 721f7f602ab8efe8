/**
 * What weights were trained for, as an exported folder says it in its config.json: whoever writes a GGUF file of them takes that type,
 * whoever compares rounds as the run did. Knows nothing about runs that are under way.
 */

import type { RunQuantization } from './quantization-options.ts'

/** What of a run's quantisation outlives it. */
export type TrainedQuantization = Pick<RunQuantization, 'weights' | 'groupSize' | 'activations' | 'skip'>

/** Of config.json; readers of Hugging Face's folders leave it alone. */
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
