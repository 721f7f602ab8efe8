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
export { claims } from './claims.ts'
