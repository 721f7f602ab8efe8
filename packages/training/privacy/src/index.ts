export {
  type Accountant,
  type AccountedEpsilon,
  accountants,
  accountedEpsilon,
  epsilonOf,
} from './epsilon.ts'
export { type CurvePoint, epsilonCurve, type PlannedSteps } from './epsilon-curve.ts'
export { addSteps, type Ledger, type LedgerEntry, stepsOf } from './ledger.ts'
export {
  type MembershipAttack,
  type MembershipAttackOptions,
  type MembershipLosses,
  membershipAttack,
} from './membership-attack.ts'
export { noiseMultiplierFor, type PrivacyTarget } from './noise-multiplier-for.ts'
export { type PrivacyBudget, stepsWithin } from './steps-within.ts'
