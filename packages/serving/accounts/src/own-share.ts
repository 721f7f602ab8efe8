/**
 * What a gateway may let in for one key while the database is away and nothing is leased: half of what would be its part. Pure
 * counting; time is an argument, of a clock that never goes back.
 */

import type { KeyLimits } from './key-record.ts'
import { type Bucket, type BucketSize, bucketOf, drawn, filled, millisUntil } from './token-bucket.ts'

export type ByMinute = 'requests' | 'tokens'

export class OwnShare {
  #buckets: Readonly<Record<ByMinute, Bucket>>

  /** Begins empty when its process does, lest one that is killed again and again gets it anew each time. */
  constructor(startedAt: number) {
    const empty: Bucket = { level: 0, refundable: 0, at: startedAt }
    this.#buckets = { requests: empty, tokens: empty }
  }

  /** In one of so many gateways. */
  left(kind: ByMinute, limits: KeyLimits, gateways: number, now: number): number {
    const bucket = filled(this.#buckets[kind], sizeOf(kind, limits, gateways), now)
    this.#buckets = { ...this.#buckets, [kind]: bucket }
    return bucket.level
  }

  draw(kind: ByMinute, amount: number): void {
    this.#buckets = { ...this.#buckets, [kind]: drawn(this.#buckets[kind], amount) }
  }

  /** By what `left` last saw. */
  millisUntil(kind: ByMinute, amount: number, limits: KeyLimits, gateways: number): number {
    return millisUntil(this.#buckets[kind], sizeOf(kind, limits, gateways), amount)
  }
}

/** Of a limit that is shared: half of an equal part. */
export const partAlone = (gateways: number): number => 1 / (2 * gateways)

/** Enough for at least one. */
function sizeOf(kind: ByMinute, limits: KeyLimits, gateways: number): BucketSize {
  const limit = kind === 'requests' ? limits.requestsPerMinute : limits.tokensPerMinute
  const { capacity, perMilli } = bucketOf((limit ?? 0) * partAlone(gateways))
  return { capacity: Math.max(1, capacity), perMilli }
}
