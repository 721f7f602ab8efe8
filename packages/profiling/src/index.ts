/**
 * Where time and memory go: traces are read, summed up, explained in words and drawn. Knows nothing about who recorded them.
 */

export { readChromeTrace, type TraceLimits } from './chrome/read-chrome-trace.ts'
export { writeChromeTrace } from './chrome/write-chrome-trace.ts'
export * from './errors.ts'
export {
  type ServingAdvice,
  type ServingThresholds,
  servingAdvice,
  servingThresholds,
} from './serving/serving-advice.ts'
export { type ServingFacts, servingFacts } from './serving/serving-facts.ts'
export { type ServingRow, servingRows } from './serving/serving-rows.ts'
export { summarizeTrace } from './summary/summarize-trace.ts'
export type * from './summary/summary.ts'
export { type Span, type Trace, traceOf } from './trace.ts'
