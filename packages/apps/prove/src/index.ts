export {
  type Claim,
  type ClaimContext,
  type ClaimMode,
  type ClaimSpec,
  defineClaim,
  type Judgement,
  type Need,
  type Plot,
  type PlotSeries,
  type Verdict,
} from './claim.ts'
export * from './errors.ts'
export { failureOf, type Judged, judgeRaw } from './report/judge-raw.ts'
export {
  type ClaimFailure,
  type ClaimResult,
  machineText,
  otherLoad,
  outcomeOf,
  type ProveMachine,
  type ProveReport,
  summaryOf,
  verdicts,
} from './report/prove-report.ts'
export { chooseClaims } from './reproduce/choose-claims.ts'
export { claimList } from './reproduce/claim-list.ts'
export { commitOf, inspectMachine } from './reproduce/inspect-machine.ts'
export { type LoadedClaims, loadClaims } from './reproduce/load-claims.ts'
export { measureClaim } from './reproduce/measure-claim.ts'
export { progressLine, resultLine } from './reproduce/progress-text.ts'
export { provePage } from './reproduce/report-page.ts'
export { reportText } from './reproduce/report-text.ts'
export { keepText, makeFolder, rawTextsOf, readResults } from './reproduce/results-folder.ts'
export { runClaims } from './reproduce/run-claims.ts'
export { type ClaimJob, type ClaimMessage, claimProgram, ownClaimModule } from './run/claim-job.ts'
export { missingNeeds, notHere } from './run/missing-needs.ts'
export { type DoneClaim, type RemainingClaims, remainingMillis } from './run/remaining-time.ts'
