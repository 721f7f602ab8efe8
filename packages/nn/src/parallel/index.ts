/** Models whose layers, vocabulary or experts several ranks hold between them. */

export { sumPartialGradients, sumSquares_ } from './divided-gradients.ts'
export type { Shard } from './divided-layers.ts'
export { initializePart } from './initialize-part.ts'
export { type Layout, layoutFaults, localConfig, localExperts, type Place } from './shard.ts'
export { type Cut, expertsOf, isPartial, shardOf } from './shard-of.ts'
export { type CutOf, cutState, cutTensor, gatheredState, type LayoutGroups } from './shard-state.ts'
