/** Delay before a process that died is restarted. Pure. */

const firstMillis = 100
const longestMillis = 10_000

/**
 * `deathsInARow`: since it last computed anything. The first restart is immediate, later ones after 100 ms, 200 ms, up to 10 s.
 */
export function restartDelay(deathsInARow: number): number {
  if (deathsInARow <= 1) return 0
  return Math.min(longestMillis, firstMillis * 2 ** (deathsInARow - 2))
}
