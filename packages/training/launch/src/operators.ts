/** Custom operators that are tested and measured in their process. */

export { benchText } from './custom-ops/benchmark-op.ts'
export { checkText } from './custom-ops/test-op.ts'
