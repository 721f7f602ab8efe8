/**
 * Requests that come one after another: drawn from arrivals and lengths that the seed repeats, or recorded. Millions of them
 * are never held at once. Pure.
 */

import { seededRandom } from '@hadal/base'
import { drawLength, type LengthDistribution } from './length-distribution.ts'
import { exponential, gamma, pick, type Random } from './random.ts'

export interface SimulatedRequest {
  /** From the beginning of the traffic, in milliseconds; requests come in this order. */
  readonly arrivalMillis: number
  readonly kind: 'generate' | 'embed'
  readonly promptTokens: number
  /** At least 1 where anything is generated. */
  readonly outputTokens: number
  /** Whose it is; '' by default. */
  readonly key?: string
  /** Lower goes first; 0 by default. */
  readonly priority?: number
  /** Its first result is worth nothing later; before `sloTtftMillis`. */
  readonly withinMillis?: number
  /** Its prompt begins as those of all others with this id do. */
  readonly prefix?: { readonly id: string; readonly tokens: number }
}

export type Arrivals =
  | { readonly kind: 'poisson'; readonly requestsPerSecond: number }
  /** Silence and bursts in turn, each of exponential length; Poisson within bursts, so that the mean rate is the given one. */
  | {
      readonly kind: 'bursts'
      readonly requestsPerSecond: number
      readonly burstMillis: number
      readonly silenceMillis: number
    }
  /** Gaps of a Gamma distribution: its coefficient of variation is 1 for Poisson traffic, and more where it clusters. */
  | { readonly kind: 'gamma'; readonly requestsPerSecond: number; readonly variation: number }
  /** Poisson, with a rate that swings as a sine: from 1 - swing to 1 + swing of the mean. */
  | {
      readonly kind: 'diurnal'
      readonly requestsPerSecond: number
      readonly swing: number
      readonly periodMillis: number
    }

/** One of several sorts of requests that are mixed. */
export interface RequestSort {
  /** Weight among the sorts. */
  readonly share: number
  readonly kind: 'generate' | 'embed'
  readonly promptTokens: LengthDistribution
  /** Of requests that generate; 1 token by default. */
  readonly outputTokens?: LengthDistribution
  readonly priority?: number
  /** Keys, and the weight of each among its requests. */
  readonly keys?: Readonly<Record<string, number>>
  /** So many beginnings of so many tokens, the first the most frequent, as Zipf has it; they come before the drawn prompt. */
  readonly prefixes?: { readonly count: number; readonly tokens: number }
}

export interface TrafficPlan {
  readonly arrivals: Arrivals
  readonly sorts: readonly RequestSort[]
  readonly requests: number
  readonly seed: number
}

/**
 * Can be gone through any number of times: it is the same each time.
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
 * The same requests so many times as fast.
 *
 * @example
 * ```ts
 * import { hasten } from '@hadal/batching'
 *
 * const traffic = [{ arrivalMillis: 1_000, kind: 'generate', promptTokens: 10, outputTokens: 1 } as const]
 * ;[...hasten(traffic, 2)][0].arrivalMillis // → 500
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
  // Of their own, so that the same requests come whatever the arrivals.
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

/** Gives the next arrival each time, in milliseconds. */
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
        // What a burst has no time for comes in the next: the gap is memoryless.
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
      // Thinning (Lewis and Shedler): the fastest rate throughout, of which a part is left out.
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
