/** What a training step reports. */

import type { LayerNorms } from './layer-norms.ts'
import type { StepMemory } from './memory/step-memory.ts'
import type { RowFigures } from './privacy/row-figures.ts'

export interface StepOutcome {
  /** Mean over the batch's weight, before the update. */
  readonly loss: number
  /** Losses of each pass. */
  readonly passLosses: readonly number[]
  /** Before clipping. */
  readonly gradientNorm: number
  /** The same, layer by layer. */
  readonly layerNorms: LayerNorms
  /** The fp16 loss scale. */
  readonly lossScale?: number
  /** Gradients overflowed at that scale, so the update was skipped and the scale is lowered: not a failure. */
  readonly skipped?: true
  /** Load of the busiest expert relative to the mean; 1 for balanced load and for models without experts. */
  readonly expertImbalance: number
  readonly memory: StepMemory
  /** For private steps. */
  readonly privacy?: RowFigures
}
