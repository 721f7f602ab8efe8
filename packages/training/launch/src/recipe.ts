/** Runs a recipe: loads libtorch. */

export { execute } from './execute.ts'
export { metricsListener } from './metrics/metrics-listener.ts'
export { readTrial, startsOf } from './trial-record.ts'
