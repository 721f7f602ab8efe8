/** Percentiles of any number of values in constant memory: each bucket is 1 % wider than the previous one. */

const growth = 1.01
const perLog = 1 / Math.log(growth)
/** Smallest distinguishable value; milliseconds, for example. */
const least = 1e-3
const buckets = 2600

export interface Percentiles {
  readonly count: number
  readonly mean: number
  readonly p50: number
  readonly p90: number
  readonly p95: number
  readonly p99: number
  readonly max: number
}

/**
 * Percentiles of many values in little memory, accurate to 2 %.
 *
 * @example
 * ```ts
 * import { Histogram } from '@hadal/batching'
 *
 * const latencies = new Histogram()
 * for (let millis = 1; millis <= 1000; millis += 1) latencies.add(millis)
 * latencies.summary?.count // → 1000
 * latencies.percentile(0.99) // about 990
 * ```
 */
export class Histogram {
  readonly #counts = new Float64Array(buckets)
  #count = 0
  #sum = 0
  #max = 0

  get count(): number {
    return this.#count
  }

  get mean(): number {
    return this.#count === 0 ? 0 : this.#sum / this.#count
  }

  /** `value` must not be negative. `times` adds it repeatedly. */
  add(value: number, times = 1): void {
    if (times === 0) return
    const bucket = value <= least ? 0 : Math.ceil(Math.log(value / least) * perLog)
    this.#counts[Math.min(bucket, buckets - 1)]! += times
    this.#count += times
    this.#sum += value * times
    if (value > this.#max) this.#max = value
  }

  /** Accurate to 1 %, and never above the maximum value; 0 if empty. */
  percentile(fraction: number): number {
    let left = fraction * this.#count
    for (let bucket = 0; bucket < buckets; bucket += 1) {
      left -= this.#counts[bucket]!
      if (left <= 0 && this.#count > 0) return Math.min(this.#max, least * growth ** bucket)
    }
    return this.#max
  }

  /** Undefined if empty. */
  get summary(): Percentiles | undefined {
    if (this.#count === 0) return undefined
    const [p50, p90, p95, p99] = [0.5, 0.9, 0.95, 0.99].map((fraction) => this.percentile(fraction))
    return { count: this.#count, mean: this.mean, p50: p50!, p90: p90!, p95: p95!, p99: p99!, max: this.#max }
  }
}
