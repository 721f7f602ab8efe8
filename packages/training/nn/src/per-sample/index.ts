/** Gradients of single samples: clipped sums of them, and how layers make them known. */

export { checkTold } from './check-told.ts'
export {
  type ClippedGradients,
  clippedGradients,
  layersOf,
  type PrivateBackward,
} from './clipped-gradients.ts'
export type { Clipping } from './clipping.ts'
export { groupsOf, replaceBatchNorms } from './replace-batch-norms.ts'
export { type UnsupportedLayer, unsupportedLayers } from './unsupported-layers.ts'
