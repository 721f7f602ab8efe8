/** Runs guards on labelled texts: texts of sources used in training by guards retrained without them. */

import {
  buildAttackIndex,
  type Calibrations,
  type Encoder,
  type Guard,
  type LabelledText,
  viewsOf,
} from '@hadal/guard'
import { type GuardPlace, openGuard, readBy } from '@hadal/guard-lab'
import { say } from '@hadal/output'
import { trainHeldOut } from '../classifier/train-classifier.ts'
import { evaluateAsIs, withoutViews } from '../evaluate/evaluate.ts'
import type { Fold } from '../evaluate/held-out-folds.ts'
import { nearDuplicates } from '../evaluate/near-duplicates.ts'
import type { Outcome } from '../evaluate/outcome.ts'
import type { MeasuredBy } from './eval-report.ts'

export interface Measurement {
  readonly texts: readonly LabelledText[]
  /** Folds that hold out the texts the guard was trained on, possibly with others used only for calibration. */
  readonly folds: readonly Fold[]
  /** Training texts of the unmodified guard. */
  readonly known: readonly LabelledText[]
  readonly place: GuardPlace
  readonly encoders: readonly Encoder[] | undefined
  /** Overrides the calibration of the weights or policy files; only for the unmodified guard. */
  readonly calibration: Calibrations | undefined
}

export interface MeasureOptions {
  /** Called at the start of each phase, which takes minutes. */
  readonly onPhase: (phase: string) => void
  readonly onProgress: (status: string) => void
  /** Its reason is thrown. */
  readonly signal: AbortSignal
}

/** @internal */
export interface Measured {
  readonly outcomes: readonly Outcome[]
  /** The same texts with the original as the only view. */
  readonly plain: readonly Outcome[]
  readonly measuredBy: readonly MeasuredBy[]
}

/**
 * Screens labelled texts and returns what the guard decided about each.
 *
 * @internal
 */
export async function measureTexts(
  { texts, folds, known, place, encoders, calibration }: Measurement,
  options: MeasureOptions,
): Promise<Measured> {
  const [outcomes, plain, measuredBy]: [Outcome[], Outcome[], MeasuredBy[]] = [[], [], []]
  const ask = async (guard: Guard, requested: readonly LabelledText[]): Promise<void> => {
    // Otherwise the first text would include loading time.
    await guard.warm()
    const stepsOf = ({ role }: LabelledText) => guard.stepsFor(role)
    const { signal } = options
    const onProgress = (done: number): void => {
      if (done % 50 === 0) options.onProgress(say`${outcomes.length + done} of ${texts.length} texts`)
    }
    outcomes.push(...(await evaluateAsIs(requested, stepsOf, { viewsOf, onProgress, signal })))
    plain.push(...(await evaluateAsIs(requested, stepsOf, { viewsOf: withoutViews, signal })))
  }
  const held = new Set(folds.flatMap((fold) => fold.held))
  const unseen = texts.filter((text) => !held.has(text))
  const { onPhase, onProgress, signal } = options
  if (unseen.length > 0) {
    using guard = await openGuard(place, {
      ...(encoders && (await readBy(encoders, signal))),
      ...(calibration && { calibration }),
    })
    await ask(guard, unseen)
    const repeated = nearDuplicates(unseen.map(textOf), known.map(textOf)).filter(Boolean).length
    measuredBy.push({
      sources: sourcesOf(unseen),
      texts: unseen.length,
      ...(repeated > 0 && { repeated }),
    })
  }
  let training = ''
  const trained = await trainHeldOut(folds, {
    onProgress: ({ stage, done, of }) => {
      if (stage !== training) onPhase(say`training ${stage}`)
      training = stage
      onProgress(say`${done} of ${of}`)
    },
    signal,
  })
  const wanted = new Set(texts)
  for (const { fold, classifier } of trained) {
    const requested = fold.held.filter((text) => wanted.has(text))
    if (requested.length === 0) continue
    onPhase(say`querying ${sourcesOf(requested).join(', ')}`)
    const attacks = await buildAttackIndex(fold.training, { ...(encoders && { encoders }), signal })
    // Calibrations in the policy's files apply to other weights only.
    using guard = await openGuard(place, { classifier, attacks, calibration: {} })
    await ask(guard, requested)
    const retrained = { on: fold.training.length, dropped: fold.dropped }
    measuredBy.push({ sources: sourcesOf(requested), texts: requested.length, retrained })
  }
  return { outcomes, plain, measuredBy }
}

const textOf = ({ text }: LabelledText): string => text

const sourcesOf = (texts: readonly LabelledText[]): string[] => [
  ...new Set(texts.map(({ source }) => source)),
]
