/**
 * Splits labelled texts so that each is evaluated by a model trained on other sources: texts of one source share templates, and a random
 * split gives far too optimistic results. Pure.
 */

import type { LabelledText } from '@hadal/guard'
import { guardTooFewSources } from './errors.ts'
import { nearDuplicates } from './near-duplicates.ts'

export interface Fold {
  /** Held out together. */
  readonly sources: readonly string[]
  readonly held: readonly LabelledText[]
  /** From other sources, without near-duplicates of the held-out texts. */
  readonly training: readonly LabelledText[]
  /** Number of near-duplicates removed from `training`. */
  readonly dropped: number
}

export interface HeldOutOptions {
  /** Used for training in other folds, but never evaluated. */
  readonly alsoTrained?: readonly LabelledText[]
  /** Maximum folds; the smallest sources are held out together. Default 8. */
  readonly maxFolds?: number
}

/**
 * Each of `rows` is held out once. Throws `guard_too_few_sources` if a fold leaves no attacks or no benign texts for training.
 *
 * @example
 * ```ts
 * import { ownTexts } from '@hadal/guard'
 * import { heldOutFolds } from '@hadal/guard-training'
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

/** Largest first; each source joins the smallest fold so far. */
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
