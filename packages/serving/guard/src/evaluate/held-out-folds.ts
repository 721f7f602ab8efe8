/**
 * Divides labelled texts so that each is measured by what was trained on other sources alone: texts of one source share their
 * templates, and on a random division a guard looks far better than it is. Pure.
 */

import type { LabelledText } from '../labelled-text.ts'
import { guardTooFewSources } from './errors.ts'
import { nearDuplicates } from './near-duplicates.ts'

export interface Fold {
  /** Held out together. */
  readonly sources: readonly string[]
  readonly held: readonly LabelledText[]
  /** Of other sources, without near-duplicates of what is held out. */
  readonly training: readonly LabelledText[]
  /** Near-duplicates that were left out of `training`. */
  readonly dropped: number
}

export interface HeldOutOptions {
  /** Trained on where it is of another source, and measured nowhere. */
  readonly alsoTrained?: readonly LabelledText[]
  /** The smallest sources are held out together until there are no more folds than this. 8 unless said. */
  readonly maxFolds?: number
}

/**
 * Each text of `rows` is held out once. Throws `guard_too_few_sources` where a fold leaves no attacks, or no others, to train on.
 *
 * @example
 * ```ts
 * import { heldOutFolds, ownTexts } from '@hadal/guard'
 *
 * const folds = heldOutFolds(await ownTexts(), { maxFolds: 4 })
 * for (const { sources, held, training } of folds) console.log(sources, held.length, training.length)
 * ```
 */
export function heldOutFolds(
  rows: readonly LabelledText[],
  { alsoTrained = [], maxFolds = 8 }: HeldOutOptions = {},
): Fold[] {
  const all = [...rows, ...alsoTrained]
  return groupSources(rows, maxFolds).map((sources) => {
    const isHeld = ({ source }: LabelledText): boolean => sources.includes(source)
    const held = rows.filter(isHeld)
    const others = all.filter((row) => !isHeld(row))
    const isKnown = nearDuplicates(others.map(textOf), held.map(textOf))
    const training = others.filter((_, index) => !isKnown[index])
    for (const [isAttack, what] of [
      [true, 'attacks'],
      [false, 'benign texts'],
    ] as const)
      if (!training.some((row) => row.isAttack === isAttack))
        throw guardTooFewSources(sources.join(', '), what)
    return { sources, held, training, dropped: others.length - training.length }
  })
}

const textOf = ({ text }: LabelledText): string => text

/** The largest first; sources that share a fold go to the one that is smallest so far. */
function groupSources(rows: readonly LabelledText[], most: number): string[][] {
  const sizes = new Map<string, number>()
  for (const { source } of rows) sizes.set(source, (sizes.get(source) ?? 0) + 1)
  const groups: { size: number; sources: string[] }[] = []
  for (const [source, size] of [...sizes].toSorted(([a, m], [b, n]) => n - m || (a < b ? -1 : 1)))
    if (groups.length < most) groups.push({ size, sources: [source] })
    else {
      const smallest = groups.reduce((least, group) => (group.size < least.size ? group : least))
      smallest.size += size
      smallest.sources.push(source)
    }
  return groups.map(({ sources }) => sources)
}
