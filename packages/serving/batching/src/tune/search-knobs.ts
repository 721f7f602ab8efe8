/**
 * Optimises several knobs by coordinate search: changes one at a time until none improves the score, which the caller defines.
 * Pure.
 */

/** Values to try for each knob, ordered so that neighbours are similar. */
export type KnobSpace<Knobs> = { readonly [Name in keyof Knobs]: readonly Knobs[Name][] }

export interface Scored<Knobs> {
  readonly knobs: Knobs
  /** Higher is better. */
  readonly score: number
}

export interface SearchOptions<Knobs> {
  readonly space: KnobSpace<Knobs>
  /** Initial values: kept unless others are clearly better. */
  readonly start: Knobs
  /** Undefined: infeasible. `near`: the score of the values it was derived from. */
  readonly score: (knobs: Knobs, near: number) => number | undefined
  /** Minimum relative improvement; 0.02 by default. */
  readonly minGain?: number
  readonly maxRounds?: number
}

/**
 * All evaluated values, the best first.
 *
 * @example
 * ```ts
 * import { searchKnobs } from '@hadal/batching'
 *
 * const [best] = searchKnobs({
 *   space: { maxBatchSize: [1, 2, 4, 8, 16] },
 *   start: { maxBatchSize: 1 },
 *   score: ({ maxBatchSize }) => -Math.abs(maxBatchSize - 8), // measure it: more is better
 * })
 * best?.knobs // → { maxBatchSize: 8 }
 * ```
 */
export function searchKnobs<Knobs extends object>(options: SearchOptions<Knobs>): Scored<Knobs>[] {
  const { space, start, score, minGain = 0.02, maxRounds = 4 } = options
  const tried = new Map<string, Scored<Knobs> | undefined>()
  const names = Object.keys(space) as (keyof Knobs)[]
  const attempt = (knobs: Knobs, near: number): Scored<Knobs> | undefined => {
    const name = JSON.stringify(names.map((each) => knobs[each]))
    if (!tried.has(name)) {
      const value = score(knobs, near)
      tried.set(name, value === undefined ? undefined : { knobs, score: value })
    }
    return tried.get(name)
  }
  let best = attempt(start, 0) ?? { knobs: start, score: 0 }
  for (let round = 0; round < maxRounds; round += 1) {
    const before = best
    for (const name of names) {
      let turned = best
      for (const value of space[name]) {
        const next = attempt({ ...best.knobs, [name]: value }, best.score)
        if (next !== undefined && next.score > turned.score) turned = next
      }
      if (turned.score > best.score * (1 + minGain)) best = turned
    }
    if (best === before) break
  }
  const others = [...tried.values()].filter((each) => each !== undefined && each !== best)
  return [best, ...(others as Scored<Knobs>[]).sort((a, b) => b.score - a.score)]
}
