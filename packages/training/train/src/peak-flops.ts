/**
 * Measures the throughput of a plain matrix product with the current threads: an upper bound for training. Utilisation (MFU) is
 * relative to it, since processors do not report their peak per precision.
 */

import { type Clock, systemClock } from '@hadal/base'
import { computeDtype, type Precision } from '@hadal/nn'
import { scope, torch } from '@hadal/tensor'

const rounds = 5
/** Rows of the first square matrices tried: 2 · 1024³ operations take 5 to 20 ms of a core. */
const smallest = 1024
/** A shorter product measures thread start-up rather than computation; larger ones are tried. */
const minMillis = 4
const largest = 8192
/** A product that takes more is not tried again: float16 on a processor that does not multiply it. */
const maxMillis = 500

/**
 * Floating-point operations per second: the best of a few square products, within 100 to 200 ms on common machines. Leaves the
 * random state alone.
 *
 * @example
 * ```ts
 * import { measurePeakFlops } from '@hadal/train'
 *
 * const flops = measurePeakFlops('fp32') // what this machine's matrix products reach
 * console.log(`${(flops / 1e9).toFixed(0)} GFLOPS`)
 * ```
 */
export function measurePeakFlops(precision: Precision, clock: Clock = systemClock): number {
  return scope(() => {
    for (let size = smallest; ; size *= 2) {
      const millis = bestMillis(size, precision, clock)
      if (millis >= minMillis || size === largest) return (2 * size ** 3) / (millis / 1000)
    }
  })
}

function bestMillis(size: number, precision: Precision, clock: Clock): number {
  return scope(() => {
    const [a, b, product] = [0, 1, 2].map(() =>
      torch.full([size, size], 0.5, { dtype: computeDtype[precision] }),
    )
    let best = Number.POSITIVE_INFINITY
    // The first round wakes the threads.
    for (let round = 0; round <= rounds; round += 1) {
      const start = clock.now()
      torch.addmm_(product!, a!, b!, { beta: 0 })
      const millis = clock.now() - start
      if (round > 0 || millis > maxMillis) best = Math.min(best, millis)
      if (millis > maxMillis) break
    }
    return best
  })
}
