/**
 * A token bucket with refunds: the remaining per-minute quota of a key. Pure functions; time is an argument in milliseconds.
 *
 * What is reserved in advance (the maximum output of a request) stays refundable until the usage is known. Invariant: `level +
 * refundable` never exceeds the capacity. So all requests admitted within any w minutes together use at most capacity + w *
 * rate, provided that none exceeds its reservation.
 */

export interface BucketSize {
  /** Maximum level. */
  readonly capacity: number
  readonly perMilli: number
}

export interface Bucket {
  /** Negative if usage exceeded the reservation. */
  readonly level: number
  /** Reserved, with unknown usage. */
  readonly refundable: number
  /** The time of `level`. */
  readonly at: number
}

/** `limit` per minute, and up to all of it at once after a minute without use. */
export function bucketOf(limit: number): BucketSize {
  return { capacity: limit, perMilli: limit / 60_000 }
}

export function fullBucket({ capacity }: BucketSize, at: number): Bucket {
  return { level: capacity, refundable: 0, at }
}

/**
 * If the clock went back by less, the bucket waits for it; beyond that the new time is accepted, or the bucket would not fill
 * for long.
 */
export const mistrustedMillis = 60_000

/** The bucket at `now`. `room`: how much it may hold, if part of the capacity is held elsewhere. */
export function filled(bucket: Bucket, size: BucketSize, now: number, room: number = size.capacity): Bucket {
  const passed = now - bucket.at
  const isBehind = passed < 0 && passed >= -mistrustedMillis
  const level = Math.min(room, bucket.level + Math.max(0, passed) * size.perMilli)
  return bounded({ ...bucket, level, at: isBehind ? bucket.at : now }, room)
}

export function drawn(bucket: Bucket, amount: number): Bucket {
  return { ...bucket, level: bucket.level - amount, refundable: bucket.refundable + amount }
}

/** `used` of the earlier `reserved` were used. */
export function settled(bucket: Bucket, reserved: number, used: number): Bucket {
  const known = Math.min(bucket.refundable, reserved)
  const back = Math.max(0, known - used) - Math.max(0, used - reserved)
  return { ...bucket, level: bucket.level + back, refundable: bucket.refundable - known }
}

/** Old reservations have been refilled since, and must not be refunded as well. */
export function bounded(bucket: Bucket, room: number): Bucket {
  const refundable = Math.max(0, Math.min(bucket.refundable, room - bucket.level))
  return refundable === bucket.refundable ? bucket : { ...bucket, refundable }
}

/** Time until `amount` can be drawn if there are no other draws; 0 if it can be now. */
export function millisUntil(bucket: Bucket, size: BucketSize, amount: number): number {
  return Math.max(0, (amount - bucket.level) / size.perMilli)
}
