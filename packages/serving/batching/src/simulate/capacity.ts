/** Finds how much traffic a service can take within its SLO. Pure. */

import { simulate } from './simulate.ts'
import type { SimulatedCosts, SimulatedService } from './simulated-service.ts'
import type { SimulationReport } from './tally.ts'
import { hasten, type SimulatedRequest } from './traffic.ts'

/** 99th percentiles in milliseconds; undefined: no objective. */
export interface Slo {
  readonly ttftMillis?: number | undefined
  readonly itlMillis?: number | undefined
  /** For embedding requests, from arrival to response. */
  readonly embedMillis?: number | undefined
  /** Maximum share of refused requests; 0.01 by default. */
  readonly refusedShare?: number | undefined
}

export interface Capacity {
  /** The traffic was sped up by this factor. */
  readonly factor: number
  readonly report: SimulationReport
}

export interface Promised {
  readonly name: string
  readonly value: number
  readonly most: number
}

/** What an SLO is compared with, simulated or measured. */
export type Observed = Pick<SimulationReport, 'requests' | 'ttftMillis' | 'itlMillis' | 'embedMillis'> & {
  readonly outcomes: Pick<SimulationReport['outcomes'], 'done'>
}

/**
 * The objectives that are missed; empty if all are met.
 *
 * @example
 * ```ts
 * import { brokenPromises, simulate, simulatedCosts } from '@hadal/batching'
 *
 * const costs = simulatedCosts({
 *   step: { perStep: 20, perDecodeToken: 0.5, perPrefillToken: 0.2, perAttendedToken: 0 }, // milliseconds
 * })
 * const traffic = [{ arrivalMillis: 0, kind: 'generate', promptTokens: 500, outputTokens: 2 } as const]
 * const report = simulate(traffic, {}, costs)
 * brokenPromises(report, { ttftMillis: 50 }).map(({ name }) => name) // → [ 'time to first token' ]
 * ```
 */
export function brokenPromises(report: Observed, slo: Slo): Promised[] {
  const { outcomes, requests } = report
  const kept: readonly (Omit<Promised, 'most'> & { readonly most: number | undefined })[] = [
    { name: 'time to first token', value: report.ttftMillis?.p99 ?? 0, most: slo.ttftMillis },
    { name: 'inter-token latency', value: report.itlMillis?.p99 ?? 0, most: slo.itlMillis },
    { name: 'embedding latency', value: report.embedMillis?.p99 ?? 0, most: slo.embedMillis },
    {
      name: 'share refused',
      value: requests === 0 ? 0 : 1 - outcomes.done / requests,
      most: slo.refusedShare ?? 0.01,
    },
  ]
  return kept.flatMap(({ most, ...rest }) =>
    most !== undefined && rest.value > most ? [{ ...rest, most }] : [],
  )
}

const minFactor = 2 ** -10
const maxFactor = 2 ** 10

/**
 * The highest speed-up within the SLO, to 3 %; undefined if even a thousandth of the traffic misses it.
 *
 * @example
 * ```ts
 * import { capacityWithin, drawTraffic, simulatedCosts } from '@hadal/batching'
 *
 * const costs = simulatedCosts({
 *   step: { perStep: 20, perDecodeToken: 0.5, perPrefillToken: 0.2, perAttendedToken: 0 }, // milliseconds
 * })
 * const traffic = drawTraffic({
 *   arrivals: { kind: 'poisson', requestsPerSecond: 1 },
 *   sorts: [{ share: 1, kind: 'generate', promptTokens: { kind: 'fixed', tokens: 200 }, outputTokens: { kind: 'fixed', tokens: 50 } }],
 *   requests: 500,
 *   seed: 1,
 * })
 * const most = capacityWithin({ ttftMillis: 500 }, [...traffic], { maxBatchSize: 8 }, costs)
 * most !== undefined && most.factor > 1 // → true
 * ```
 */
export function capacityWithin(
  slo: Slo,
  traffic: Iterable<SimulatedRequest>,
  service: Partial<SimulatedService>,
  costs: SimulatedCosts,
  /** Initial value; a close one shortens the search. */
  guess = 1,
  /** Called for every load that the search simulated. */
  onTried: (tried: Capacity, isKept: boolean) => void = () => {},
): Capacity | undefined {
  const at = (factor: number): Capacity | undefined => {
    const report = simulate(hasten(traffic, factor), service, costs)
    const isKept = brokenPromises(report, slo).length === 0
    onTried({ factor, report }, isKept)
    return isKept ? { factor, report } : undefined
  }
  let good = at(guess)
  let bad = guess
  if (good !== undefined)
    while (bad < maxFactor) {
      bad = good.factor * 2
      const next = at(bad)
      if (next === undefined) break
      good = next
    }
  else
    while (good === undefined && bad > minFactor) {
      const next = at(bad / 2)
      if (next === undefined) bad /= 2
      else good = next
    }
  if (good === undefined) return undefined
  while (bad / good.factor > 1.03) {
    const middle: number = Math.sqrt(good.factor * bad)
    const next = at(middle)
    if (next === undefined) bad = middle
    else good = next
  }
  return good
}
