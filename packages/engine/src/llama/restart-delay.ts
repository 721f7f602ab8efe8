/** How long to wait before a process that died is started again, and when to give up. Pure. */

const firstMillis = 100
const longestMillis = 10_000
/** Deaths in a row before the process was ready. One that dies at work is always started again. */
const attemptsToStart = 4

/**
 * `deathsInARow`: since it last computed anything; `startsInARow`: of these, those before it was ready. Undefined: give up.
 * The first restart comes at once, later ones after 100 ms, 200 ms, up to 10 s.
 */
export function restartDelay(deathsInARow: number, startsInARow: number): number | undefined {
  if (startsInARow >= attemptsToStart) return undefined
  if (deathsInARow <= 1) return 0
  return Math.min(longestMillis, firstMillis * 2 ** (deathsInARow - 2))
}
