/** Policies by themselves, for those who read and show them: loads no check and no weights. */

export * from './policy/policy.ts'
export { type PolicyPart, policyParts } from './policy/policy-parts.ts'
export {
  auditDefaults,
  budgetDefaults,
  defaultPolicy,
  presets,
  rateShares,
  smoothingDefaults,
} from './policy/presets.ts'
export { policySettings, type ReadPolicy, readPolicy } from './policy/read-policy.ts'
export { keyPatternFor, resolvePolicy, rolePolicyOf } from './policy/resolve-policy.ts'
