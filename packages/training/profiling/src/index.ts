/** Profiles of time and memory: traces are read, summarised, explained and drawn. */

export { advice, adviceRules } from './advice/advice.ts'
export type { Advice, Judged, Rule, Thresholds } from './advice/rule.ts'
export { adviceThresholds } from './advice/thresholds.ts'
export { rangeMeaning } from './chrome/range-meaning.ts'
export { readChromeTrace, type TraceLimits } from './chrome/read-chrome-trace.ts'
export { writeChromeTrace } from './chrome/write-chrome-trace.ts'
export * from './errors.ts'
export type { Facts, OwnedMemory } from './facts.ts'
export { findNsys, runUnderNsys } from './nsys/launch.ts'
export { readNsysReport } from './nsys/read-report.ts'
export { type Interval, packLanes } from './pack-lanes.ts'
export { type Figure, figuresOf } from './page/figures.ts'
export { type FlamePage, flamePage } from './page/flame-page.ts'
export { type PageData, pageData } from './page/page-data.ts'
export { spanClasses } from './page/span-class.ts'
export {
  type ServingAdvice,
  type ServingThresholds,
  servingAdvice,
  servingSettings,
  servingThresholds,
} from './serving/serving-advice.ts'
export { type ServingFacts, servingFacts } from './serving/serving-facts.ts'
export { type ServingRow, servingRows } from './serving/serving-rows.ts'
export { summarizeTrace } from './summary/summarize-trace.ts'
export type * from './summary/summary.ts'
export { type Compared, type CompareOptions, compareLines } from './table/compare-lines.ts'
export { formatMicros } from './table/format-micros.ts'
export { type TableInput, type TableOptions, traceTable } from './table/trace-table.ts'
export { type Span, type Trace, traceOf } from './trace.ts'
