/**
 * Simulates the same traffic under different policies: this engine's, those of other engines, and those guides recommend. Pure.
 */

import { simulate } from './simulate.ts'
import type { SimulatedCosts, SimulatedService } from './simulated-service.ts'
import type { SimulationReport } from './tally.ts'
import type { SimulatedRequest } from './traffic.ts'

export interface Policy {
  readonly name: string
  /** Overrides of the compared service's settings. */
  readonly settings: Partial<SimulatedService>
}

export interface PolicyReport extends Policy {
  readonly report: SimulationReport
}

/**
 * The scheduling policies that `comparePolicies` compares by default.
 *
 * @example
 * ```ts
 * import { policies } from '@hadal/batching'
 *
 * policies.map(({ name }) => name).slice(0, 3) // → [ 'as it is', 'first in, first out', 'whole prompts first' ]
 * ```
 */
export const policies: readonly Policy[] = [
  { name: 'as it is', settings: {} },
  { name: 'first in, first out', settings: { order: 'fifo' } },
  { name: 'whole prompts first', settings: { prompts: 'whole', sharesPrefixes: false, order: 'fifo' } },
  { name: 'tokens within 100 ms', settings: { sloItlMillis: 100 } },
  { name: 'cells reserved', settings: { preemption: false } },
  { name: 'static batches of 8, 100 ms', settings: staticBatches(8, 100) },
  { name: 'static batches of 32, 50 ms', settings: staticBatches(32, 50) },
]

/**
 * Simulates the same traffic under several scheduling policies.
 *
 * @example
 * ```ts
 * import { comparePolicies, simulatedCosts } from '@hadal/batching'
 *
 * const costs = simulatedCosts({
 *   step: { perStep: 20, perDecodeToken: 0.5, perPrefillToken: 0.2, perAttendedToken: 0 }, // milliseconds
 * })
 * const traffic = [{ arrivalMillis: 0, kind: 'generate', promptTokens: 500, outputTokens: 50 } as const]
 * const reports = comparePolicies(traffic, { maxBatchSize: 8 }, costs)
 * reports.map(({ name }) => name) // → [ 'as it is', 'first in, first out', 'whole prompts first', 'tokens within 100 ms', 'cells reserved', 'static batches of 8, 100 ms', 'static batches of 32, 50 ms' ]
 * ```
 */
export function comparePolicies(
  traffic: Iterable<SimulatedRequest>,
  service: Partial<SimulatedService>,
  costs: SimulatedCosts,
  compared: readonly Policy[] = policies,
): PolicyReport[] {
  return compared.map((policy) => ({
    ...policy,
    report: simulate(traffic, { ...service, ...policy.settings }, costs),
  }))
}

function staticBatches(maxBatchSize: number, timeoutMillis: number): Partial<SimulatedService> {
  return { batches: 'static', maxBatchSize, timeoutMicros: timeoutMillis * 1000 }
}
