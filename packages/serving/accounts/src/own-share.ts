/**
 * What a gateway may admit for one key while the database is unavailable and nothing is leased: half of its proportional part.
 * Pure; time is an argument, from a monotonic clock.
 */

import type { KeyLimits } from './key-record.ts'
import { type Bucket, type BucketSize, bucketOf, drawn, filled, millisUntil } from './token-bucket.ts'

export type ByMinute = 'requests' | 'tokens'

export class OwnShare {
  #buckets: Readonly<Record<ByMinute, Bucket>>

  /** Starts empty, so that a process in a crash loop does not get a new share each time. */
  constructor(startedAt: number) {
    const empty: Bucket = { level: 0, refundable: 0, at: startedAt }
    this.#buckets = { requests: empty, tokens: empty }
  }

  /** As one of this many gateways. */
  left(kind: ByMinute, limits: KeyLimits, gateways: number, now: number): number {
    const bucket = filled(this.#buckets[kind], sizeOf(kind, limits, gateways), now)
    this.#buckets = { ...this.#buckets, [kind]: bucket }
    return bucket.level
  }

  draw(kind: ByMinute, amount: number): void {
    this.#buckets = { ...this.#buckets, [kind]: drawn(this.#buckets[kind], amount) }
  }

  /** Based on the last call of `left`. */
  millisUntil(kind: ByMinute, amount: number, limits: KeyLimits, gateways: number): number {
    return millisUntil(this.#buckets[kind], sizeOf(kind, limits, gateways), amount)
  }
}

/** Half of an equal part of a shared limit. */
export const partAlone = (gateways: number): number => 1 / (2 * gateways)

/** At least 1. */
function sizeOf(kind: ByMinute, limits: KeyLimits, gateways: number): BucketSize {
  const limit = kind === 'requests' ? limits.requestsPerMinute : limits.tokensPerMinute
  const { capacity, perMilli } = bucketOf((limit ?? 0) * partAlone(gateways))
  return { capacity: Math.max(1, capacity), perMilli }
}
