/**
 * A bucket that fills evenly and is drawn from: what a key may still use of its minute. Pure functions; time is an argument, in
 * milliseconds, of any clock. Knows nothing of keys or gateways.
 *
 * What is drawn before it is known (the longest answer a request may get) stays refundable until it is. The law: whatever
 * happens, `level + refundable` is never more than the capacity. So all requests that were let in within any span of w minutes
 * together use at most capacity + w * rate, provided that none used more than it drew.
 */

export interface BucketSize {
  /** Held when full. */
  readonly capacity: number
  readonly perMilli: number
}

export interface Bucket {
  /** Below zero where somebody used more than was drawn for it. */
  readonly level: number
  /** Drawn, and not known to be used. */
  readonly refundable: number
  /** When `level` was right. */
  readonly at: number
}

/** `limit` each minute, and all of it at once after a minute of silence. */
export function bucketOf(limit: number): BucketSize {
  return { capacity: limit, perMilli: limit / 60_000 }
}

export function fullBucket({ capacity }: BucketSize, at: number): Bucket {
  return { level: capacity, refundable: 0, at }
}

/** A clock that went back by less is waited for; one that went back further is believed, lest nothing be filled for long. */
const mistrustedMillis = 60_000

/** The same bucket at `now`. `room`: how much of the capacity it may hold, where others hold some of it. */
export function filled(bucket: Bucket, size: BucketSize, now: number, room: number = size.capacity): Bucket {
  const passed = now - bucket.at
  const isBehind = passed < 0 && passed >= -mistrustedMillis
  const level = Math.min(room, bucket.level + Math.max(0, passed) * size.perMilli)
  return bounded({ ...bucket, level, at: isBehind ? bucket.at : now }, room)
}

export function drawn(bucket: Bucket, amount: number): Bucket {
  return { ...bucket, level: bucket.level - amount, refundable: bucket.refundable + amount }
}

/** Of `reserved`, drawn before, `used` were used. */
export function settled(bucket: Bucket, reserved: number, used: number): Bucket {
  const known = Math.min(bucket.refundable, reserved)
  const back = Math.max(0, known - used) - Math.max(0, used - reserved)
  return { ...bucket, level: bucket.level + back, refundable: bucket.refundable - known }
}

/** What was drawn long ago has been filled up since, and does not come back as well. */
export function bounded(bucket: Bucket, room: number): Bucket {
  const refundable = Math.max(0, Math.min(bucket.refundable, room - bucket.level))
  return refundable === bucket.refundable ? bucket : { ...bucket, refundable }
}

/** Until `amount` can be drawn from a bucket that nobody else draws from; 0 when it can be now. */
export function millisUntil(bucket: Bucket, size: BucketSize, amount: number): number {
  return Math.max(0, (amount - bucket.level) / size.perMilli)
}
