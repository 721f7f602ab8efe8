/** Random numbers that a seed repeats. */

/** Uniform in [0, 1): mulberry32. */
export type Random = () => number

export function seededRandom(seed: number): Random {
  let state = seed | 0
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** Waiting time to the next arrival of a Poisson process, in units of 1 / `rate`. */
export function exponential(random: Random, rate: number): number {
  return -Math.log(1 - random()) / rate
}

/** Standard normal: Box and Muller. */
export function normal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
}
