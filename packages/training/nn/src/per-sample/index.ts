/** Gradients of single samples: clipped sums of them, and how layers make them known. */

export { checkReported } from './check-reported.ts'
export { clippedGradients, layersOf } from './clipped-gradients.ts'
export type { Clipping } from './clipping.ts'
export type { ClippedGradients, PrivateBackward } from './private-backward.ts'
export { groupsOf, replaceBatchNorms } from './replace-batch-norms.ts'
export { type UnsupportedLayer, unsupportedLayers } from './unsupported-layers.ts'
