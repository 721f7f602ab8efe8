/**
 * Trains a classifier and evaluates it on unseen sources. Each source in turn is held out with its near-duplicates; the held-out scores
 * give the calibration and metrics. The final model is then trained on everything.
 */

import {
  type Classifier,
  type ClassifierParts,
  classifierOf,
  type LabelledText,
  quantized,
  trainCharacterModel,
} from '@hadal/guard'
import { type Fold, heldOutFolds } from '../evaluate/held-out-folds.ts'
import {
  type BenignScore,
  benignScores,
  benignSurprises,
  calibrationOf,
  perDoublingOf,
} from './calibrate-classifier.ts'
import { guardTooFewTexts } from './errors.ts'
import { evenlyChosen } from './evenly-chosen.ts'
import { heldOutFigures } from './held-out-figures.ts'
import { defaultRecipe, type TrainingRecipe, trainLinearModel } from './training-recipe.ts'

export interface TrainProgress {
  /** `without mine`, `all`. */
  readonly stage: string
  readonly done: number
  readonly of: number
}

export interface TrainOptions {
  /** Default 1. Equal rows, order and seed give equal bytes. */
  readonly seed?: number
  /** Continues from existing weights, for fine-tuning without the original training data. */
  readonly from?: Classifier
  /** Maximum trainings for evaluation; the smallest sources are held out together. Default 8; 0: no metrics or calibration. */
  readonly maxFolds?: number
  /** Sources whose texts share no templates are split instead of held out whole. Their metrics are optimistic. */
  readonly isDivided?: (source: string) => boolean
  /** Ordinary benign texts, not written to resemble attacks: false-positive rates refer to these. Default: all. */
  readonly isOrdinary?: (row: LabelledText) => boolean
  readonly recipe?: Partial<TrainingRecipe>
  readonly onProgress?: (progress: TrainProgress) => void
  /** Its reason is thrown. */
  readonly signal?: AbortSignal
}

const minOfEach = 20

/**
 * Throws `guard_too_few_texts` and errors of reading the rows.
 *
 * @example
 * ```ts
 * import { createGuard, readLabelledTexts } from '@hadal/guard'
 * import { trainClassifier } from '@hadal/guard-training'
 *
 * const classifier = await trainClassifier(readLabelledTexts('texts.jsonl'), { seed: 1 })
 * const guard = createGuard({ classifier })
 * ```
 */
export async function trainClassifier(
  rows: Iterable<LabelledText> | AsyncIterable<LabelledText>,
  options: TrainOptions = {},
): Promise<Classifier> {
  const { seed = 1, from, maxFolds = 8, isDivided, isOrdinary } = options
  const all: LabelledText[] = []
  const seen = new Set<string>()
  for await (const row of rows) {
    if (!seen.has(row.text)) all.push(row)
    seen.add(row.text)
  }
  const [attacks, benign] = [all.filter(({ isAttack }) => isAttack), all.filter(({ isAttack }) => !isAttack)]
  if (attacks.length < minOfEach) throw guardTooFewTexts('attacks', attacks.length, minOfEach)
  if (benign.length < minOfEach) throw guardTooFewTexts('benign texts', benign.length, minOfEach)

  const train = trainerOf(options)
  const held: Held[] = []
  if (maxFolds > 0)
    for (const fold of heldOutFolds(divided(all, isDivided), { maxFolds }))
      held.push({ parts: await train(`without ${fold.sources.join(', ')}`, fold.training), rows: fold.held })
  const parts = await train('all', all)
  const measured = held.length > 0 ? measure(held, isOrdinary) : uncalibrated
  return classifierOf({
    ...parts,
    ...measured,
    record: {
      ...measured.record,
      seed,
      attacks: attacks.length,
      benign: benign.length,
      sources: [...new Set([...(from?.record.sources ?? []), ...all.map(({ source }) => source)])].toSorted(),
    },
  })
}

/**
 * For each fold, the classifier trained without it, calibrated on the other folds' held-out texts: what `trainClassifier` evaluates itself
 * with.
 *
 * @example
 * ```ts
 * import { ownTexts } from '@hadal/guard'
 * import { heldOutFolds, trainHeldOut } from '@hadal/guard-training'
 *
 * const folds = heldOutFolds(await ownTexts(), { maxFolds: 4 })
 * const trained = await trainHeldOut(folds) // one classifier a fold, which saw nothing of what the fold holds out
 * ```
 */
export async function trainHeldOut(
  folds: readonly Fold[],
  options: Omit<TrainOptions, 'maxFolds'> = {},
): Promise<{ fold: Fold; classifier: Classifier }[]> {
  const train = trainerOf(options)
  const held: Held[] = []
  for (const { sources, training, held: rows } of folds)
    held.push({ parts: await train(`without ${sources.join(', ')}`, training), rows })
  return folds.map((fold, at) => {
    const others = measure(held.filter((_, other) => other !== at))
    return { fold, classifier: classifierOf({ ...held[at]!.parts, ...others }) }
  })
}

type Trainer = (stage: string, training: readonly LabelledText[]) => Promise<ClassifierParts>

function trainerOf({ seed = 1, from, recipe, onProgress, signal }: Omit<TrainOptions, 'maxFolds'>): Trainer {
  return async (stage, training) => {
    const model = quantized(
      await trainLinearModel(
        training,
        { ...defaultRecipe, ...recipe, seed },
        async (done, of) => {
          onProgress?.({ stage, done, of })
          await new Promise(setImmediate)
          signal?.throwIfAborted()
        },
        from?.model(),
      ),
    )
    const characters = trainCharacterModel(training.flatMap(({ isAttack, text }) => (isAttack ? [] : [text])))
    return { ...uncalibrated, ...model, characters }
  }
}

const uncalibrated = {
  perDoubling: {},
  perplexityPerDoubling: {},
  calibration: {},
  perplexityCalibration: {},
  record: { seed: 0, attacks: 0, benign: 0, sources: [], heldOut: [] },
} as const

/** Folds are sources. With too few sources, parts of them are used, and the metrics are optimistic. */
function divided(
  rows: readonly LabelledText[],
  isDivided: (source: string) => boolean = () => false,
): readonly LabelledText[] {
  const sourcesOf = (isAttack: boolean): number =>
    new Set(rows.flatMap((row) => (row.isAttack === isAttack ? [row.source] : []))).size
  const isFew = sourcesOf(true) < 2 || sourcesOf(false) < 2
  return rows.map((row, at) =>
    isFew || isDivided(row.source)
      ? { ...row, source: `${row.source}${partName}${(at % partsOfSource) + 1}` }
      : row,
  )
}

const partName = ', part '
const partsOfSource = 4

/** Maximum texts per benign source for calibration, evenly sampled, so that no source dominates. */
const maxOfSource = 500

interface Held {
  readonly parts: ClassifierParts
  readonly rows: readonly LabelledText[]
}

/** Calibration and metrics on texts that were held out. */
function measure(
  held: readonly Held[],
  isOrdinary: (row: LabelledText) => boolean = () => true,
): Omit<ClassifierParts, 'weights' | 'scale' | 'bias' | 'characters'> {
  const chosen = held.map(({ parts, rows }) => ({
    parts,
    benign: evenlyChosen(
      rows.filter((row) => !row.isAttack && isOrdinary(row)),
      ({ source }) => source,
      maxOfSource,
    ),
  }))
  const scored = (
    score: (classifier: Classifier, row: LabelledText) => Omit<BenignScore, 'language'> | undefined,
  ) =>
    chosen.flatMap(({ parts, benign }) => {
      const classifier = classifierOf(parts)
      return benign.flatMap((row) => {
        const found = score(classifier, row)
        return found === undefined ? [] : [{ ...found, language: row.language }]
      })
    })
  const perDoubling = perDoublingOf(
    scored((classifier, { text, language }) => classifier.score(text, language)),
  )
  const perplexityPerDoubling = perDoublingOf(
    scored((classifier, { text, language }) => classifier.surprise(text, language)),
  )
  const even = chosen.map(({ parts, benign }) => ({
    classifier: classifierOf({ ...parts, perDoubling, perplexityPerDoubling }),
    benign,
  }))
  const calibration = calibrationOf(
    'benign texts',
    even.flatMap(({ classifier, benign }) => benignScores(classifier, benign)),
  )
  const perplexityCalibration = calibrationOf(
    'benign texts',
    even.flatMap(({ classifier, benign }) => benignSurprises(classifier, benign)),
  )
  const scores = held.flatMap(({ parts, rows }) => {
    const classifier = classifierOf({ ...parts, perDoubling })
    return rows.map((row) => ({
      row: { ...row, source: row.source.split(partName)[0]! },
      score: classifier.score(row.text, row.language).score,
    }))
  })
  const record = { ...uncalibrated.record, heldOut: heldOutFigures(scores, calibration) }
  return { perDoubling, perplexityPerDoubling, calibration, perplexityCalibration, record }
}
