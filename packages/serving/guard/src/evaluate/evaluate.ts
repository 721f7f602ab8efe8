/** Measures a guard on labelled texts: each text by steps that saw nothing of its source. Trains nothing itself. */

import type { Step, View } from '../check.ts'
import type { LabelledText } from '../labelled-text.ts'
import type { Fold } from './held-out-folds.ts'
import { askAll, type Outcome } from './outcome.ts'

/** The steps that read a text: they differ by role. */
export type StepsOf = (row: LabelledText) => readonly Step[] | Promise<readonly Step[]>

export interface EvaluateOptions {
  readonly viewsOf: (text: string) => readonly View[]
  /** After each text: how many are done. */
  readonly onProgress?: (done: number) => void
  /** Its reason is thrown. */
  readonly signal?: AbortSignal
}

/**
 * The same guard for all: one that saw none of them.
 *
 * @example
 * ```ts
 * import { createGuard, evaluateAsIs, ownTexts, summarise, viewsOf } from '@hadal/guard'
 *
 * const guard = createGuard()
 * const outcomes = await evaluateAsIs(await ownTexts(), (row) => guard.stepsFor(row.role), { viewsOf })
 * console.log(summarise(outcomes).all.recall?.share)
 * ```
 */
export async function evaluateAsIs(
  rows: readonly LabelledText[],
  stepsOf: StepsOf,
  { viewsOf, onProgress, signal }: EvaluateOptions,
): Promise<Outcome[]> {
  const outcomes: Outcome[] = []
  for (const row of rows) {
    signal?.throwIfAborted()
    outcomes.push(await askAll(row, await stepsOf(row), viewsOf))
    onProgress?.(outcomes.length)
    // Lets signals in.
    if (outcomes.length % 64 === 0) await new Promise(setImmediate)
  }
  return outcomes
}

/**
 * Each text by a guard that saw nothing of its source: what a guard is worth on attacks of tomorrow.
 * @param train gives the steps of the guard, trained on what the fold leaves
 *
 * @example
 * ```ts
 * import { createGuard, evaluateHeldOut, heldOutFolds, loadClassifier, ownTexts, summarise, trainHeldOut, viewsOf } from '@hadal/guard'
 *
 * const folds = heldOutFolds(await ownTexts())
 * const trained = await trainHeldOut(folds)
 * const outcomes = await evaluateHeldOut(
 *   folds,
 *   async (fold) => {
 *     const classifier = trained.find((one) => one.fold === fold)?.classifier ?? loadClassifier()
 *     const guard = createGuard({ classifier })
 *     return (row) => guard.stepsFor(row.role)
 *   },
 *   { viewsOf },
 * )
 * console.log(summarise(outcomes).all.recall?.share)
 * ```
 */
export async function evaluateHeldOut(
  folds: readonly Fold[],
  train: (fold: Fold) => Promise<StepsOf>,
  { onProgress, ...options }: EvaluateOptions,
): Promise<Outcome[]> {
  const outcomes: Outcome[] = []
  for (const fold of folds) {
    options.signal?.throwIfAborted()
    const stepsOf = await train(fold)
    const before = outcomes.length
    outcomes.push(
      ...(await evaluateAsIs(fold.held, stepsOf, {
        ...options,
        onProgress: (done) => onProgress?.(before + done),
      })),
    )
  }
  return outcomes
}

/**
 * In place of `viewsOf`: shows what a guard is without its views.
 *
 * @internal
 */
export function withoutViews(text: string): readonly View[] {
  return [{ name: 'original', path: [], text, toOriginal: (span) => span }]
}
