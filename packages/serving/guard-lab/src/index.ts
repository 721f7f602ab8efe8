export { guardAuditMissing, guardNothingToMeasure } from './errors.ts'
export { evalHtml, rocSvg } from './eval/eval-html.ts'
export { type EvalReport, excerpts, rocByLanguage, scoreHistograms } from './eval/eval-report.ts'
export { evalText, shareText } from './eval/eval-text.ts'
export { type Measured, measureTexts } from './eval/measure-texts.ts'
export { recalibrate } from './eval/recalibrate.ts'
export { type EvasionReport, evasionHtml, evasionSvg, evasionText } from './evasion-report.ts'
export { guardOptions } from './guard-options.ts'
export {
  classifierOf,
  filesOf,
  type GuardFlags,
  type GuardPlace,
  guardPlace,
  openGuard,
  readBy,
} from './open-guard.ts'
export { placeInView } from './place-in-view.ts'
export { type PlacedText, readTexts } from './read-texts.ts'
export { ReviewFile } from './review-file.ts'
export { reviewPath } from './review-path.ts'
export { guardByDefault, openServeGuard, type ServeGuard } from './serve-guard.ts'
export { prefix, fit, showAll } from './show-span.ts'
export { verdictText } from './verdict-text.ts'
