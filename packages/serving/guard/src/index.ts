export * from './audit/index.ts'
export { type Calibration, type CalibrationTable, calibrate, suspicionOf, tableOf } from './calibration.ts'
export * from './check.ts'
export * from './classifier/index.ts'
export { createGuard, type Guard, type GuardOptions, type Message, type Question } from './create-guard.ts'
export { guardLockedOut } from './hardening/errors.ts'
export {
  type BudgetLimits,
  type BudgetNumbers,
  budgetLimits,
  type LockedCaller,
  QueryBudget,
} from './hardening/query-budget.ts'
export { type SmoothedOptions, smoothed } from './hardening/smoothed.ts'
export { type LabelledText, parseLabelledText, readLabelledTexts } from './labelled-text.ts'
export { languageOf } from './language-of.ts'
export * from './output/index.ts'
export { ownTextFiles, ownTexts, triggerTexts } from './own-texts.ts'
export type { Calibrations } from './pipeline/check-makers.ts'
export { failedRule } from './pipeline/failed-rule.ts'
export type { PlannedStep } from './pipeline/screen-text.ts'
export * from './policy.ts'
export * from './rules/index.ts'
export { type ShownToCaller, shownToCaller } from './shown-to-callers.ts'
export * from './similarity/index.ts'
export * from './verdict.ts'
export * from './views/index.ts'
