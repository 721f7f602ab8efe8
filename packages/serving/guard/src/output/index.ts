export { canaryCheck, makeCanary, withCanary, withoutCanary } from './canary.ts'
export { type LeakOptions, leakCheck } from './leak-check.ts'
export {
  type OutputEnd,
  OutputGuard,
  type OutputGuardOptions,
  type OutputPiece,
  type OutputStep,
  type ReleasedPiece,
} from './output-guard.ts'
export { OutputObserver, type OutputObserverOptions } from './output-observer.ts'
export type { FoundSpan, Redactor } from './redactions.ts'
