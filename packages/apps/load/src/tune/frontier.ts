/** Sustainable load by SLO, one curve per configuration. Pure. */

import {
  capacityWithin,
  type SimulatedCosts,
  type SimulatedRequest,
  type SimulatedService,
} from '@hadal/batching'

export interface Curve {
  readonly name: string
  /** Per entry of `promises`: requests per second; 0 if it cannot be met. */
  readonly requestsPerSecond: readonly number[]
}

/** 99th percentiles to the first token and of embeddings, in milliseconds. */
export const promises: readonly number[] = [100, 200, 300, 500, 1000, 2000]

export function frontier(
  traffic: Iterable<SimulatedRequest>,
  settings: readonly {
    readonly name: string
    readonly service: Partial<SimulatedService>
    readonly costs: SimulatedCosts
  }[],
): Curve[] {
  return settings.map(({ name, service, costs }) => {
    let guess = 1
    const requestsPerSecond = promises.map((millis) => {
      const capacity = capacityWithin(
        { ttftMillis: millis, embedMillis: millis },
        traffic,
        service,
        costs,
        guess,
      )
      guess = capacity?.factor ?? guess
      return capacity?.report.requestsPerSecond ?? 0
    })
    return { name, requestsPerSecond }
  })
}
