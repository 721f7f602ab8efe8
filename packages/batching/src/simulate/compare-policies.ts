/** The same traffic under different policies: what this engine does, what others do, and what guides recommend. Pure. */

import { simulate } from './simulate.ts'
import type { SimulatedCosts, SimulatedService } from './simulated-service.ts'
import type { SimulationReport } from './tally.ts'
import type { SimulatedRequest } from './traffic.ts'

export interface Policy {
  readonly name: string
  /** What is different from the service compared. */
  readonly settings: Partial<SimulatedService>
}

export interface PolicyReport extends Policy {
  readonly report: SimulationReport
}

export const policies: readonly Policy[] = [
  { name: 'as it is', settings: {} },
  { name: 'first in, first out', settings: { order: 'fifo' } },
  { name: 'whole prompts first', settings: { prompts: 'whole', sharesPrefixes: false, order: 'fifo' } },
  { name: 'tokens within 100 ms', settings: { sloItlMillis: 100 } },
  { name: 'cells reserved', settings: { preemption: false } },
  { name: 'static batches of 8, 100 ms', settings: staticBatches(8, 100) },
  { name: 'static batches of 32, 50 ms', settings: staticBatches(32, 50) },
]

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
