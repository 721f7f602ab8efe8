export {
  type EvaluateOptions,
  evaluateAsIs,
  evaluateHeldOut,
  type StepsOf,
  withoutViews,
} from './evaluate.ts'
export { type Fold, type HeldOutOptions, heldOutFolds } from './held-out-folds.ts'
export { nearDuplicates } from './near-duplicates.ts'
export { askAll, isStopped, type Only, type Outcome, type StepOutcome, scoreOf, stops } from './outcome.ts'
export { ownTextFiles, ownTexts, triggerTexts } from './own-texts.ts'
export {
  areaUnder,
  type RecallAtRate,
  type RocPoint,
  recallAtFalsePositiveRate,
  rocOf,
  type Scored,
} from './roc.ts'
export * from './summarise.ts'
export { type Share, shareOf } from './wilson-interval.ts'
