/**
 * Trains a linear model from labelled texts: example weights, and rounds in which attacks are noised, diluted and stripped of the words
 * that gave them away in the previous round.
 */

import { seededRandom } from '@hadal/base'
import type { LabelledText, LinearModel } from '@hadal/guard'
import { oneOf } from '../one-of.ts'
import { diluted, evading, noisy, passage, repeated } from './augment.ts'
import { evenlyChosen } from './evenly-chosen.ts'
import { fitLinearModel } from './fit-linear-model.ts'
import { trainingExample } from './training-example.ts'

export interface TrainingRecipe {
  readonly seed: number
  readonly rounds: number
  readonly epochsPerRound: number
  readonly rate: number
  readonly decay: number
  readonly wordDropout: number
  /** 0: all texts have equal weight; 1: all sources do. */
  readonly sourceBalance: number
  /** Total weight of benign texts relative to all attacks. */
  readonly benignShare: number
  readonly dilutedShare: number
  readonly evadingShare: number
  readonly noisyShare: number
  readonly repeatedShare: number
}

export const defaultRecipe: TrainingRecipe = {
  seed: 1,
  rounds: 2,
  epochsPerRound: 4,
  rate: 0.2,
  decay: 1e-3,
  wordDropout: 0.2,
  sourceBalance: 0.5,
  benignShare: 1.5,
  dilutedShare: 0.5,
  evadingShare: 0.7,
  noisyShare: 0.5,
  repeatedShare: 0.3,
}

/** Longer texts are truncated for training. */
const longestText = 2000
/** Maximum per source and label, evenly sampled: more texts of the same templates add nothing. */
const maxOfSource = 500

/** @param onEpoch may throw to stop; awaited, so signals get in */
export async function trainLinearModel(
  all: readonly LabelledText[],
  recipe: TrainingRecipe,
  onEpoch: (done: number, of: number) => Promise<void>,
  start?: LinearModel,
): Promise<LinearModel> {
  const rows = evenlyChosen(all, ({ source, isAttack }) => `${source} ${isAttack}`, maxOfSource)
  const random = seededRandom(recipe.seed)
  const weights = weightsOf(rows, recipe)
  const texts = rows.map(({ text }) => text.slice(0, longestText))
  const originals = rows.map(({ isAttack }, at) => trainingExample(texts[at]!, isAttack, weights[at]!, at))
  const benignOf = benignPassages(rows)
  let model = start
  for (let round = 0; round < recipe.rounds; round += 1) {
    const examples = [...originals]
    rows.forEach((row, at) => {
      const text = texts[at]!
      const add = (other: string, share: number): void => {
        if (share > 0) examples.push(trainingExample(other, row.isAttack, weights[at]! * share, at))
      }
      const benign = benignOf(row, random)
      add(noisy(text, random), recipe.noisyShare)
      if (row.isAttack) {
        add(diluted(text, maybe(benign(), random), maybe(benign(), random), random), recipe.dilutedShare)
        if (model !== undefined) add(evading(text, model, wordsOf(benign()), random), recipe.evadingShare)
      } else {
        add(diluted(text, maybe(benign(), random), benign(), random), recipe.dilutedShare)
        add(repeated(text, random), recipe.repeatedShare)
      }
    })
    model = await fitLinearModel(examples, {
      epochs: recipe.epochsPerRound,
      rate: recipe.rate,
      decay: recipe.decay,
      wordDropout: recipe.wordDropout,
      random,
      ...(model && { start: model }),
      onEpoch: (epoch) =>
        onEpoch(round * recipe.epochsPerRound + epoch + 1, recipe.rounds * recipe.epochsPerRound),
    })
  }
  return model!
}

function maybe(text: string, random: () => number): string {
  return random() < 0.7 ? text : ''
}

/** Large sources and texts with a common start (templates) are down-weighted; labels are balanced per language. */
function weightsOf(rows: readonly LabelledText[], { sourceBalance, benignShare }: TrainingRecipe): number[] {
  const sourceOf = (row: LabelledText): string => `${row.source} ${row.isAttack} ${row.language}`
  const prefixOf = ({ text }: LabelledText): string =>
    text
      .toLowerCase()
      .replaceAll(/[^\p{L}]+/gu, '')
      .slice(0, 24)
  const sides = (row: LabelledText): string => `${row.isAttack} ${row.language}`
  const [sources, prefixes] = [countsBy(rows, sourceOf), countsBy(rows, prefixOf)]
  const raw = rows.map(
    (row) => sources.get(sourceOf(row))! ** -sourceBalance * prefixes.get(prefixOf(row))! ** -0.5,
  )
  const totals = new Map<string, number>()
  for (const [at, row] of rows.entries()) totals.set(sides(row), (totals.get(sides(row)) ?? 0) + raw[at]!)
  const sizes = countsBy(rows, sides)
  const even = rows.length / sizes.size
  return rows.map((row, at) => {
    // Halfway between natural and balanced proportions.
    const side = Math.sqrt(sizes.get(sides(row))! * even)
    return (raw[at]! / totals.get(sides(row))!) * side * (row.isAttack ? 1 : benignShare)
  })
}

function countsBy(rows: readonly LabelledText[], keyOf: (row: LabelledText) => string): Map<string, number> {
  const counts = new Map<string, number>()
  for (const row of rows) counts.set(keyOf(row), (counts.get(keyOf(row)) ?? 0) + 1)
  return counts
}

/** Benign passages in the same language; in any if there are none. */
function benignPassages(
  rows: readonly LabelledText[],
): (row: LabelledText, random: () => number) => () => string {
  const benign = rows.filter(({ isAttack }) => !isAttack)
  const byLanguage = new Map<string, LabelledText[]>()
  for (const row of benign) byLanguage.set(row.language, [...(byLanguage.get(row.language) ?? []), row])
  return ({ language }, random) => {
    const texts = byLanguage.get(language) ?? benign
    return () => passage(oneOf(texts, random).text, 500, random)
  }
}

function wordsOf(text: string): readonly string[] {
  return text.match(/\p{Script=Han}|(?:(?!\p{Script=Han})\p{L})+/gu) ?? []
}
