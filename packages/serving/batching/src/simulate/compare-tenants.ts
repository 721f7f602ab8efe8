/** Simulates the same tenants under different policies: how much each was served and how long it waited. Pure. */

import { jainIndex } from './fair-dues.ts'
import { simulate } from './simulate.ts'
import type { SimulatedCosts, SimulatedService } from './simulated-service.ts'
import type { SimulationReport } from './tally.ts'
import { type Apart, type TenantReport, TenantTally } from './tenant-tally.ts'
import { type Tenant, tenantTraffic } from './tenants.ts'

export interface TenantTime {
  /** Duration of the traffic. */
  readonly millis: number
  readonly seed: number
}

export interface TenantsReport {
  readonly report: SimulationReport
  readonly tenants: readonly TenantReport[]
  /** Jain's index of each tenant's service relative to its due; 1 if equal for all. */
  readonly jain: number
  readonly apart: Apart | undefined
  /**
   * Upper bound on `apart` for a weight of 1: 2 max(L, 2 M), where L is the longest prompt and M the maximum number of tokens
   * held at once. Sheng et al., "Fairness in Serving Large Language Models" (https://arxiv.org/abs/2401.00588), theorem 4.4.
   */
  readonly bound: number
}

export interface TenantPolicy {
  readonly name: string
  readonly settings: Partial<SimulatedService>
  /** Whether key limits are enforced. */
  readonly limits: boolean
}

export interface TenantPolicyReport extends TenantPolicy, TenantsReport {}

/**
 * The sharing policies that `compareTenants` compares by default.
 *
 * @example
 * ```ts
 * import { tenantPolicies } from '@hadal/batching'
 *
 * tenantPolicies.map(({ name }) => name) // → [ 'first come, first served', 'first come, key limits', 'fair shares', 'fair shares, key limits' ]
 * ```
 */
export const tenantPolicies: readonly TenantPolicy[] = [
  { name: 'first come, first served', settings: { order: 'fifo' }, limits: false },
  { name: 'first come, key limits', settings: { order: 'fifo' }, limits: true },
  { name: 'fair shares', settings: {}, limits: false },
  { name: 'fair shares, key limits', settings: {}, limits: true },
]

/**
 * Policies with limits are omitted if no tenant has any.
 *
 * @example
 * ```ts
 * import { compareTenants, simulatedCosts } from '@hadal/batching'
 *
 * const reports = compareTenants(
 *   [
 *     { name: 'steady', arrivals: { kind: 'poisson', requestsPerSecond: 1 }, promptTokens: { kind: 'fixed', tokens: 200 }, outputTokens: { kind: 'fixed', tokens: 20 } },
 *     { name: 'flood', arrivals: { kind: 'poisson', requestsPerSecond: 20 }, promptTokens: { kind: 'fixed', tokens: 200 }, outputTokens: { kind: 'fixed', tokens: 20 } },
 *   ],
 *   { millis: 10_000, seed: 1 },
 *   { maxBatchSize: 8 },
 *   simulatedCosts({ step: { perStep: 20, perDecodeToken: 0.5, perPrefillToken: 0.2, perAttendedToken: 0 } }),
 * )
 * reports.map(({ name, jain }) => `${name}: ${jain.toFixed(1)}`) // → [ 'first come, first served: 1.0', 'fair shares: 1.0' ]
 * ```
 */
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

/**
 * Results of each tenant alone on the service, without limits.
 *
 * @example
 * ```ts
 * import { simulatedCosts, tenantsAlone } from '@hadal/batching'
 *
 * const [alone] = tenantsAlone(
 *   [{ name: 'steady', arrivals: { kind: 'poisson', requestsPerSecond: 1 }, promptTokens: { kind: 'fixed', tokens: 200 }, outputTokens: { kind: 'fixed', tokens: 20 } }],
 *   { millis: 10_000, seed: 1 },
 *   { maxBatchSize: 8 },
 *   simulatedCosts({ step: { perStep: 20, perDecodeToken: 0.5, perPrefillToken: 0.2, perAttendedToken: 0 } }),
 * )
 * alone?.ttftMillis?.p99 // milliseconds, had it the service for itself
 * ```
 */
export function tenantsAlone(
  tenants: readonly Tenant[],
  time: TenantTime,
  service: Partial<SimulatedService>,
  costs: SimulatedCosts,
): TenantReport[] {
  return tenants.flatMap((tenant) => simulateTenants([tenant], time, service, costs, false).tenants)
}

/**
 * Simulates several clients on one service under one policy: what each was served and what it was due.
 *
 * @example
 * ```ts
 * import { simulatedCosts, simulateTenants } from '@hadal/batching'
 *
 * const { jain, tenants } = simulateTenants(
 *   [{ name: 'alone', arrivals: { kind: 'poisson', requestsPerSecond: 1 }, promptTokens: { kind: 'fixed', tokens: 200 }, outputTokens: { kind: 'fixed', tokens: 20 } }],
 *   { millis: 10_000, seed: 1 },
 *   { maxBatchSize: 8 },
 *   simulatedCosts({ step: { perStep: 20, perDecodeToken: 0.5, perPrefillToken: 0.2, perAttendedToken: 0 } }),
 *   false, // whether the tenants' limits count
 * )
 * jain // → 1
 * tenants[0]!.refusedTokens // → 0
 * ```
 */
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
