/** Runs attacks against targets and counts successes by number of queries. */

import { seededRandom } from '@hadal/base'
import { type Share, shareOf } from '../evaluate/wilson-interval.ts'
import { type Ask, type Attempt, Experience, evade } from './evade.ts'

export interface Target {
  /** `guard`, or the name of a single layer. */
  readonly name: string
  readonly ask: Ask
}

export interface Evasion {
  readonly target: string
  /** Attacks that were not blocked even unmodified. */
  readonly missed: number
  /** Attempts for the attacks that are blocked unmodified. */
  readonly attempts: readonly (Attempt & { readonly attack: string })[]
  /** Successes within a number of queries. */
  readonly curve: readonly { readonly queries: number; readonly evaded: Share }[]
  /** Median over the successful attempts. */
  readonly medianQueries?: number
  /** Usage and success rate per operator. */
  readonly operators: Readonly<Record<string, { readonly tried: number; readonly passed: number }>>
}

export interface EvasionOptions {
  readonly budget: number
  readonly seed: number
  readonly onAttack?: (target: string, done: number) => void
  /** Its reason is thrown. */
  readonly signal?: AbortSignal
}

/**
 * Deterministic for equal seeds and responses.
 *
 * @example
 * ```ts
 * import { createGuard } from '@hadal/guard'
 * import { builtInSeeds, runEvasion, wholeGuard } from '@hadal/guard-training'
 *
 * const guard = createGuard()
 * const target = wholeGuard(guard, 'user', false, () => {})
 * const { missed, medianQueries } = await runEvasion(builtInSeeds.slice(0, 3), target, { budget: 200, seed: 1 })
 * console.log(missed, medianQueries) // got through as they were; queries until half of the rest did
 * ```
 */
export async function runEvasion(
  attacks: readonly string[],
  target: Target,
  { budget, seed, onAttack, signal }: EvasionOptions,
): Promise<Evasion> {
  const experience = new Experience()
  const attempts: (Attempt & { attack: string })[] = []
  let missed = 0
  for (const [index, attack] of attacks.entries()) {
    signal?.throwIfAborted()
    const random = seededRandom(seed * 100_003 + index)
    const attempt = await evade(attack, target.ask, budget, experience, random)
    if (attempt.queries === 0) missed += 1
    else attempts.push({ ...attempt, attack })
    onAttack?.(target.name, index + 1)
    // Yields so that signals are handled.
    await new Promise(setImmediate)
  }
  const queries = attempts.flatMap(({ queries }) => queries ?? []).sort((a, b) => a - b)
  const middle = queries[Math.floor((queries.length - 1) / 2)]
  return {
    target: target.name,
    missed,
    attempts,
    curve: curvePoints(budget).map((most) => ({
      queries: most,
      evaded: shareOf(queries.filter((count) => count <= most).length, attempts.length),
    })),
    ...(middle !== undefined && { medianQueries: middle }),
    operators: experience.shares,
  }
}

/** 1, 2, 5, 10 and so on, up to the budget. */
export function curvePoints(budget: number): number[] {
  const points: number[] = []
  for (let power = 1; power < budget; power *= 10)
    for (const step of [1, 2, 5]) if (step * power < budget) points.push(step * power)
  return [...points, budget]
}
