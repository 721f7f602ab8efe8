/** Runs a recipe: loads libtorch. */

export { carryOut } from './carry-out.ts'
export { metricsListener } from './metrics/metrics-listener.ts'
export { readTrial, startsOf } from './trial-record.ts'
