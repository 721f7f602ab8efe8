/** Model parallelism (layers, vocabulary, experts) and data parallelism. */

export { GradientSum, type GradientSumOptions } from './data-gradients.ts'
export { makeShareOptimizer, shareRuleOf } from './data-optimizer.ts'
export { type ShareRule, Shares } from './data-shares.ts'
export { runHeld, SharedWeights, type TrainedWeights } from './data-weights.ts'
export { sumPartialGradients, sumSquares_ } from './divided-gradients.ts'
export type { Shard } from './divided-layers.ts'
export { drawAdapter, initializePart } from './initialize-part.ts'
export { type Layout, layoutIssues, localConfig, type Place } from './shard.ts'
export { type Cut, expertsOf, shardOf } from './shard-of.ts'
export { type CutOf, cutState, cutTensor, gatheredState, type LayoutGroups } from './shard-state.ts'
