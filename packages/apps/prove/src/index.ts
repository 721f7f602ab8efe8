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
export { type ClaimJob, type ClaimMessage, claimProgram, ownClaimModule } from './run/claim-job.ts'
export { missingNeeds, notHere } from './run/missing-needs.ts'
export { type DoneClaim, type RemainingClaims, remainingMillis } from './run/remaining-time.ts'
