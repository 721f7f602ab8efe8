/** Asks guards about labelled texts: texts of sources that it was trained on, those that are retrained without them. */

import {
  buildAttackIndex,
  type Calibrations,
  type Encoder,
  evaluateAsIs,
  type Fold,
  type Guard,
  type LabelledText,
  nearDuplicates,
  type Outcome,
  trainHeldOut,
  viewsOf,
  withoutViews,
} from '@hadal/guard'
import { say } from '@hadal/output'
import { type GuardPlace, openGuard, readBy } from '../open-guard.ts'
import type { MeasuredBy } from './eval-report.ts'

export interface Measurement {
  readonly texts: readonly LabelledText[]
  /** In which those that the guard has seen are held out, maybe beside others that only calibrate. */
  readonly folds: readonly Fold[]
  /** That the guard as it is was trained on. */
  readonly known: readonly LabelledText[]
  readonly place: GuardPlace
  readonly encoders: readonly Encoder[] | undefined
  /** In place of what the weights, or the policy's files, say; only of the guard as it is. */
  readonly calibration: Calibrations | undefined
}

export interface MeasureOptions {
  /** Minutes pass between them. */
  readonly onPhase: (phase: string) => void
  readonly onProgress: (status: string) => void
  /** Its reason is thrown. */
  readonly signal: AbortSignal
}

export interface Measured {
  readonly outcomes: readonly Outcome[]
  /** Of the same texts with no view but the text as it came. */
  readonly plain: readonly Outcome[]
  readonly measuredBy: readonly MeasuredBy[]
}

export async function measureTexts(
  { texts, folds, known, place, encoders, calibration }: Measurement,
  options: MeasureOptions,
): Promise<Measured> {
  const [outcomes, plain, measuredBy]: [Outcome[], Outcome[], MeasuredBy[]] = [[], [], []]
  const ask = async (guard: Guard, asked: readonly LabelledText[]): Promise<void> => {
    // Else the first text pays for reading weights.
    await guard.warm()
    const stepsOf = ({ role }: LabelledText) => guard.stepsFor(role)
    const { signal } = options
    const onProgress = (done: number): void => {
      if (done % 50 === 0) options.onProgress(say`${outcomes.length + done} of ${texts.length} texts`)
    }
    outcomes.push(...(await evaluateAsIs(asked, stepsOf, { viewsOf, onProgress, signal })))
    plain.push(...(await evaluateAsIs(asked, stepsOf, { viewsOf: withoutViews, signal })))
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
    const asked = fold.held.filter((text) => wanted.has(text))
    if (asked.length === 0) continue
    onPhase(say`asking about ${sourcesOf(asked).join(', ')}`)
    const attacks = await buildAttackIndex(fold.training, { ...(encoders && { encoders }), signal })
    // What the policy's files say of other weights says nothing of these.
    using guard = await openGuard(place, { classifier, attacks, calibration: {} })
    await ask(guard, asked)
    const retrained = { on: fold.training.length, dropped: fold.dropped }
    measuredBy.push({ sources: sourcesOf(asked), texts: asked.length, retrained })
  }
  return { outcomes, plain, measuredBy }
}

const textOf = ({ text }: LabelledText): string => text

const sourcesOf = (texts: readonly LabelledText[]): string[] => [
  ...new Set(texts.map(({ source }) => source)),
]
