/** Gradients of single samples: clipped sums of them, and how layers make them known. */

export { checkTold } from './check-told.ts'
export {
  type ClippedGradients,
  clippedGradients,
  layersOf,
  type PrivateBackward,
} from './clipped-gradients.ts'
export type { Clipping } from './clipping.ts'
export * from './errors.ts'
export { groupsOf, replaceBatchNorms } from './replace-batch-norms.ts'
export { embedding as embeddingOf, forEachRow, linear as linearOf } from './tell-layers.ts'
export { type UnsupportedLayer, unsupportedLayers } from './unsupported-layers.ts'
