/** Policies alone, for reading and displaying them: loads no checks or weights. */

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
