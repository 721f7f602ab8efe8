/**
 * Request traffic, either drawn from arrival and length distributions, reproducible from a seed, or recorded. Lazy: millions of
 * requests are never held at once. Pure.
 */

import { seededRandom } from '@hadal/base'
import { drawLength, type LengthDistribution } from './length-distribution.ts'
import { exponential, gamma, pick, type Random } from './random.ts'

export interface SimulatedRequest {
  /** From the start of the traffic, in milliseconds; requests are sorted by it. */
  readonly arrivalMillis: number
  readonly kind: 'generate' | 'embed'
  readonly promptTokens: number
  /** At least 1 if anything is generated. */
  readonly outputTokens: number
  /** The key; '' by default. */
  readonly key?: string
  /** Lower goes first; 0 by default. */
  readonly priority?: number
  /** Deadline for its first result; takes precedence over `sloTtftMillis`. */
  readonly withinMillis?: number
  /** All requests with the same id share this prompt prefix. */
  readonly prefix?: { readonly id: string; readonly tokens: number }
}

export type Arrivals =
  | { readonly kind: 'poisson'; readonly requestsPerSecond: number }
  /**
   * Alternating silence and bursts, each exponentially distributed in length; Poisson within bursts. The mean rate is the given
   * one.
   */
  | {
      readonly kind: 'bursts'
      readonly requestsPerSecond: number
      readonly burstMillis: number
      readonly silenceMillis: number
    }
  /** Gamma-distributed gaps: a coefficient of variation of 1 is Poisson traffic, above 1 is bursty. */
  | { readonly kind: 'gamma'; readonly requestsPerSecond: number; readonly variation: number }
  /** Poisson with a sinusoidal rate, from 1 - swing to 1 + swing of the mean. */
  | {
      readonly kind: 'diurnal'
      readonly requestsPerSecond: number
      readonly swing: number
      readonly periodMillis: number
    }

/** One class of a request mix. */
export interface RequestSort {
  /** Weight within the mix. */
  readonly share: number
  readonly kind: 'generate' | 'embed'
  readonly promptTokens: LengthDistribution
  /** For generation requests; 1 token by default. */
  readonly outputTokens?: LengthDistribution
  readonly priority?: number
  /** The weight of each key within the class. */
  readonly keys?: Readonly<Record<string, number>>
  /** `count` prefixes of `tokens` each with Zipf-distributed popularity; they precede the drawn prompt. */
  readonly prefixes?: { readonly count: number; readonly tokens: number }
}

export interface TrafficPlan {
  readonly arrivals: Arrivals
  readonly sorts: readonly RequestSort[]
  readonly requests: number
  readonly seed: number
}

/**
 * Can be iterated repeatedly with the same result.
 *
 * @example
 * ```ts
 * import { drawTraffic } from '@hadal/batching'
 *
 * const traffic = drawTraffic({
 *   arrivals: { kind: 'bursts', requestsPerSecond: 10, burstMillis: 2_000, silenceMillis: 4_000 },
 *   sorts: [{ share: 1, kind: 'embed', promptTokens: { kind: 'fixed', tokens: 100 } }],
 *   requests: 1_000,
 *   seed: 1,
 * })
 * ;[...traffic].length // → 1000
 * ```
 */
export function drawTraffic(plan: TrafficPlan): Iterable<SimulatedRequest> {
  return { [Symbol.iterator]: () => draw(plan) }
}

/**
 * The same requests at `factor` times the speed.
 *
 * @example
 * ```ts
 * import { hasten } from '@hadal/batching'
 *
 * const traffic = [{ arrivalMillis: 1_000, kind: 'generate', promptTokens: 10, outputTokens: 1 } as const]
 * ;[...hasten(traffic, 2)][0]!.arrivalMillis // → 500
 * ```
 */
export function hasten(traffic: Iterable<SimulatedRequest>, factor: number): Iterable<SimulatedRequest> {
  return {
    *[Symbol.iterator]() {
      for (const request of traffic)
        yield { ...request, arrivalMillis: request.arrivalMillis / factor } satisfies SimulatedRequest
    },
  }
}

function* draw({ arrivals, sorts, requests, seed }: TrafficPlan): Generator<SimulatedRequest> {
  // A separate generator, so that the requests do not depend on the arrival distribution.
  const random = seededRandom(seed)
  const next = arrivalTimes(arrivals, seededRandom(seed + 7919))
  const shares = sorts.map(({ share }) => share)
  const drawers = sorts.map(requestDrawer)
  for (let count = 0; count < requests; count += 1) yield drawers[pick(random, shares)]!(next(), random)
}

function requestDrawer(sort: RequestSort): (arrivalMillis: number, random: Random) => SimulatedRequest {
  const { kind, promptTokens, outputTokens = { kind: 'fixed', tokens: 1 }, priority, prefixes } = sort
  const keys = Object.keys(sort.keys ?? {})
  const keyWeights = Object.values(sort.keys ?? {})
  const prefixWeights = Array.from({ length: prefixes?.count ?? 0 }, (_, rank) => 1 / (rank + 1))
  return (arrivalMillis, random) => {
    const own = drawLength(promptTokens, random)
    const prefix = prefixes && {
      id: `${prefixes.tokens}/${pick(random, prefixWeights)}`,
      tokens: prefixes.tokens,
    }
    return {
      arrivalMillis,
      kind,
      promptTokens: own + (prefix?.tokens ?? 0),
      outputTokens: kind === 'generate' ? drawLength(outputTokens, random) : 0,
      ...(keys.length > 0 && { key: keys[pick(random, keyWeights)]! }),
      ...(priority !== undefined && { priority }),
      ...(prefix !== undefined && { prefix }),
    }
  }
}

/** Each call returns the next arrival time in milliseconds. */
function arrivalTimes(arrivals: Arrivals, random: Random): () => number {
  const perMilli = arrivals.requestsPerSecond / 1000
  let now = 0
  switch (arrivals.kind) {
    case 'poisson':
      return () => {
        now += exponential(random, perMilli)
        return now
      }
    case 'gamma': {
      const shape = 1 / arrivals.variation ** 2
      return () => {
        now += gamma(random, shape) / perMilli
        return now
      }
    }
    case 'bursts': {
      const { burstMillis, silenceMillis } = arrivals
      const inBurst = (perMilli * (burstMillis + silenceMillis)) / burstMillis
      let burstEnds = exponential(random, 1 / burstMillis)
      return () => {
        now += exponential(random, inBurst)
        // Gaps that exceed a burst continue in the next one: they are memoryless.
        while (now > burstEnds) {
          const silence = exponential(random, 1 / silenceMillis)
          now += silence
          burstEnds += silence + exponential(random, 1 / burstMillis)
        }
        return now
      }
    }
    case 'diurnal': {
      const { swing, periodMillis } = arrivals
      // Thinning (Lewis and Shedler): arrivals at the maximum rate, of which a part is dropped.
      return () => {
        for (;;) {
          now += exponential(random, perMilli * (1 + swing))
          const rate = 1 + swing * Math.sin((2 * Math.PI * now) / periodMillis)
          if (random() * (1 + swing) < rate) return now
        }
      }
    }
  }
}
