/** The same tenants under different policies: who is served how much, and who waits how long. Pure. */

import { jainIndex } from './fair-dues.ts'
import { simulate } from './simulate.ts'
import type { SimulatedCosts, SimulatedService } from './simulated-service.ts'
import type { SimulationReport } from './tally.ts'
import { type Apart, type TenantReport, TenantTally } from './tenant-tally.ts'
import { type Tenant, tenantTraffic } from './tenants.ts'

export interface TenantTime {
  /** How long they send. */
  readonly millis: number
  readonly seed: number
}

export interface TenantsReport {
  readonly report: SimulationReport
  readonly tenants: readonly TenantReport[]
  /** Of what each was served for what it was due: 1 where it is the same of all. */
  readonly jain: number
  readonly apart: Apart | undefined
  /**
   * What `apart` may be at most, for a weight of 1: 2 max(L, 2 M), of the longest prompt and of the most tokens that were held
   * at once. Sheng et al., "Fairness in Serving Large Language Models" (https://arxiv.org/abs/2401.00588), theorem 4.4.
   */
  readonly bound: number
}

export interface TenantPolicy {
  readonly name: string
  readonly settings: Partial<SimulatedService>
  /** Whether the limits of keys hold. */
  readonly limits: boolean
}

export interface TenantPolicyReport extends TenantPolicy, TenantsReport {}

export const tenantPolicies: readonly TenantPolicy[] = [
  { name: 'first come, first served', settings: { order: 'fifo' }, limits: false },
  { name: 'first come, key limits', settings: { order: 'fifo' }, limits: true },
  { name: 'fair shares', settings: {}, limits: false },
  { name: 'fair shares, key limits', settings: {}, limits: true },
]

/** Policies with limits are left out where nobody has any. */
export function compareTenants(
  tenants: readonly Tenant[],
  time: TenantTime,
  service: Partial<SimulatedService>,
  costs: SimulatedCosts,
  compared: readonly TenantPolicy[] = tenantPolicies,
): TenantPolicyReport[] {
  const isLimited = tenants.some(({ limit }) => limit !== undefined)
  return compared
    .filter(({ limits }) => isLimited || !limits)
    .map((policy) => ({
      ...policy,
      ...simulateTenants(tenants, time, { ...service, ...policy.settings }, costs, policy.limits),
    }))
}

/** What each would have if it were alone, without limits. */
export function tenantsAlone(
  tenants: readonly Tenant[],
  time: TenantTime,
  service: Partial<SimulatedService>,
  costs: SimulatedCosts,
): TenantReport[] {
  return tenants.flatMap((tenant) => simulateTenants([tenant], time, service, costs, false).tenants)
}

export function simulateTenants(
  tenants: readonly Tenant[],
  { millis, seed }: TenantTime,
  service: Partial<SimulatedService>,
  costs: SimulatedCosts,
  limits: boolean,
): TenantsReport {
  const tally = new TenantTally(tenants)
  const settings: Partial<SimulatedService> = {
    ...service,
    keyWeights: Object.fromEntries(tenants.map(({ name, weight = 1 }) => [name, weight])),
    keyLimits: limits
      ? Object.fromEntries(tenants.flatMap(({ name, limit }) => (limit === undefined ? [] : [[name, limit]])))
      : {},
  }
  const report = simulate(tenantTraffic(tenants, millis, seed), settings, costs, tally)
  const reports = tally.tenants(report.simulatedMillis)
  return {
    report,
    tenants: reports,
    jain: jainIndex(reports.filter(({ due }) => due > 0).map(({ service: served, due }) => served / due)),
    apart: tally.apart,
    bound: 2 * Math.max(tally.longestPrompt, 2 * report.cells.max),
  }
}
