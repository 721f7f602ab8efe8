export { guardAuditMissing, guardNothingToMeasure } from './errors.ts'
export { guardOptions } from './guard-options.ts'
export {
  attacksOf,
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
export { fit, shorten, showAll } from './show-span.ts'
export { verdictText } from './verdict-text.ts'
