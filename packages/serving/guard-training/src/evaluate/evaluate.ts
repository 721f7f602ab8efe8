/** Evaluates a guard on labelled texts, each with steps that never saw its source. Does no training itself. */

import type { LabelledText, Step, View } from '@hadal/guard'
import type { Fold } from './held-out-folds.ts'
import { askAll, type Outcome } from './outcome.ts'

/** Steps that read a text, by role. */
export type StepsOf = (row: LabelledText) => readonly Step[] | Promise<readonly Step[]>

export interface EvaluateOptions {
  readonly viewsOf: (text: string) => readonly View[]
  /** Called after each text with the number done. */
  readonly onProgress?: (done: number) => void
  /** Its reason is thrown. */
  readonly signal?: AbortSignal
}

/**
 * Uses one guard, which must not have been trained on the texts.
 *
 * @example
 * ```ts
 * import { createGuard, ownTexts, viewsOf } from '@hadal/guard'
 * import { evaluateAsIs, summarise } from '@hadal/guard-training'
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
    // Yields so that signals are handled.
    if (outcomes.length % 64 === 0) await new Promise(setImmediate)
  }
  return outcomes
}

/**
 * Evaluates each text with a guard that never saw its source: an estimate for future attacks.
 *
 * @param train gives the steps of the guard, trained on what the fold leaves
 *
 * @example
 * ```ts
 * import { createGuard, loadClassifier, ownTexts, viewsOf } from '@hadal/guard'
 * import { evaluateHeldOut, heldOutFolds, summarise, trainHeldOut } from '@hadal/guard-training'
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
 * Replaces `viewsOf` to evaluate a guard without its views.
 *
 * @internal
 */
export function withoutViews(text: string): readonly View[] {
  return [{ name: 'original', path: [], text, toOriginal: (span) => span }]
}
