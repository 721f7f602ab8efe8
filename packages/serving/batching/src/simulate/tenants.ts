/** Clients that share a service, each with its own traffic. Pure. */

import type { KeyLimit } from './key-limits.ts'
import type { LengthDistribution } from './length-distribution.ts'
import { type Arrivals, drawTraffic, type SimulatedRequest } from './traffic.ts'

export interface Tenant {
  /** The name of its key. */
  readonly name: string
  readonly arrivals: Arrivals
  readonly promptTokens: LengthDistribution
  readonly outputTokens: LengthDistribution
  /** Its weight relative to the others; 1 by default. */
  readonly weight?: number
  /** Lower goes first; 0 by default. */
  readonly priority?: number
  /** Limits of its key. */
  readonly limit?: KeyLimit
}

/**
 * All requests of a period in milliseconds, in order of arrival; each tenant's traffic depends only on its name and the seed.
 *
 * @example
 * ```ts
 * import { tenantTraffic } from '@hadal/batching'
 *
 * const traffic = tenantTraffic(
 *   [{ name: 'steady', arrivals: { kind: 'poisson', requestsPerSecond: 1 }, promptTokens: { kind: 'fixed', tokens: 200 }, outputTokens: { kind: 'fixed', tokens: 20 } }],
 *   60_000, // milliseconds
 *   1,
 * )
 * ;[...traffic].every(({ key }) => key === 'steady') // → true
 * ```
 */
export function tenantTraffic(
  tenants: readonly Tenant[],
  millis: number,
  seed: number,
): Iterable<SimulatedRequest> {
  return { [Symbol.iterator]: () => merge(tenants, millis, seed) }
}

function* merge(tenants: readonly Tenant[], millis: number, seed: number): Generator<SimulatedRequest> {
  const sources = tenants.map((tenant) => requestsOf(tenant, seed)[Symbol.iterator]())
  const heads = sources.map((source): SimulatedRequest => source.next().value)
  while (true) {
    let first = 0
    for (let at = 1; at < heads.length; at += 1)
      if (heads[at]!.arrivalMillis < heads[first]!.arrivalMillis) first = at
    const next = heads[first]
    if (next === undefined || next.arrivalMillis >= millis) return
    yield next
    heads[first] = sources[first]!.next().value
  }
}

/** Infinite. */
function requestsOf(
  { name, arrivals, promptTokens, outputTokens, priority }: Tenant,
  seed: number,
): Iterable<SimulatedRequest> {
  return drawTraffic({
    arrivals,
    sorts: [
      {
        share: 1,
        kind: 'generate',
        promptTokens,
        outputTokens,
        keys: { [name]: 1 },
        ...(priority !== undefined && { priority }),
      },
    ],
    requests: Number.POSITIVE_INFINITY,
    seed: seed + hash(name),
  })
}

/** FNV-1a. */
function hash(text: string): number {
  let value = 0x811c9dc5
  for (const character of text) value = Math.imul(value ^ character.codePointAt(0)!, 0x01000193)
  return value >>> 0
}
