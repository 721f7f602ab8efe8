/** Gain of two rates and the guide's weights over one rate and equal weights: at the guide's rates, and at each one's best. Pure. */

import type { ClaimMode, Judgement, Verdict } from '../../claim.ts'
import { average, spread, standardError } from '../../trial/spread.ts'
import { type FormName, formNames, forms, sizes } from './sizes.ts'

/** Recall@1, percent of the held-out. */
export interface Found {
  readonly textToImage: number
  readonly imageToText: number
}

export interface Round extends Found {
  readonly form: FormName
  readonly factor: number
  readonly seed: number
}

export interface ImageTextRaw {
  /** Results before tuning, on the family that is tuned to. */
  readonly before: Found
  /** Results at the end of pretraining, on the pretraining family. */
  readonly pretrained: Found
  readonly parameters: number
  readonly rounds: readonly Round[]
}

/** Percent, relative. */
export const claimedGain = 18
/** Share of the claimed gain that still confirms the claim. */
const near = 0.75
/** A gain counts when its mean is at least this many standard errors above zero. */
const clear = 2

const bothWays = ({ textToImage, imageToText }: Found): number => (textToImage + imageToText) / 2

const ofForm = ({ rounds }: ImageTextRaw, form: FormName, factor: number): readonly number[] =>
  rounds
    .filter((round) => round.form === form && round.factor === factor)
    .toSorted((a, b) => a.seed - b.seed)
    .map(bothWays)

/** Percent that two rates find more than one, seed by seed. */
export const gains = (raw: ImageTextRaw, one: number, two: number): number[] => {
  const base = ofForm(raw, 'one', one)
  return ofForm(raw, 'two', two).map((found, index) => 100 * (found / base[index]! - 1))
}

const bestFactor = (raw: ImageTextRaw, form: FormName, factors: readonly number[]): number =>
  factors.reduce((a, b) => (average(ofForm(raw, form, b)) > average(ofForm(raw, form, a)) ? b : a))

export function judgeImageText(raw: ImageTextRaw, mode: ClaimMode): Judgement {
  const factors = [...new Set(raw.rounds.map(({ factor }) => factor))].toSorted((a, b) => a - b)
  const best = { one: bestFactor(raw, 'one', factors), two: bestFactor(raw, 'two', factors) }
  const tuned = gains(raw, best.one, best.two)
  const guided = gains(raw, factors[0]!, factors[0]!)
  const before = bothWays(raw.before)
  const { pictures, pretrainSteps, tuneSteps, side } = sizes[mode]
  const found = factors.map((factor) => average(ofForm(raw, 'one', factor)))
  const atEdge = Object.values(best).includes(factors.at(-1)!)
  const byRate = Math.max(...found) - Math.min(...found)
  const [one, two] = formNames.map((form) => average(ofForm(raw, form, best[form]))) as [number, number]
  return {
    verdict: verdictOf(tuned, guided),
    measured: `${signed(average(tuned))} % Recall@1 (${two.toFixed(1)} against ${one.toFixed(1)} %), each at the best of ${factors.length} rates; ${signed(average(guided))} % at the guide's own`,
    conditions: `two towers of ${(raw.parameters / 1e6).toFixed(2)} M, learnt in ${pretrainSteps} steps of 128 from drawn pictures of ${side} pixels with captions, tuned in ${tuneSteps} steps to ${pictures.sketched} of another family; ${pictures.heldOut} held out, mean of both directions, ${tuned.length} seeds`,
    reason: `Seed by seed two rates and weights of 0.7 and 0.3 find ${spread(tuned, 1)} % more than one rate and even weights, each at its best (×${best.one} and ×${best.two} the guide's rates), and ${spread(guided, 1)} % at the guide's rates. ${
      isClear(tuned)
        ? 'That is more than seeds differ by.'
        : 'That is no gain that stands out from the seeds.'
    } Before tuning it is ${before.toFixed(1)} %, after it ${one.toFixed(1)} and ${two.toFixed(1)} %${byRate > Math.abs(two - one) ? `: the size of the rate matters more (${byRate.toFixed(1)} points from the worst to the best) than how it is divided` : ''}.${atEdge ? ' The largest rate that was tried is the best of a form: a larger one may be better.' : ''}`,
    plots: [
      {
        kind: 'lines',
        title: 'Recall@1 of the held-out after tuning, by the size of the rates',
        x: "times the guide's rates",
        y: '%',
        isLogX: true,
        series: [
          ...formNames.map((form) => ({
            name: forms[form].title,
            points: factors.map((factor) => [factor, average(ofForm(raw, form, factor))] as const),
          })),
          {
            name: 'before tuning',
            points: [factors[0]!, factors.at(-1)!].map((at) => [at, before] as const),
          },
        ],
      },
      {
        kind: 'bars',
        title: 'Recall@1 gained by two rates, seed by seed, each form at its best rate',
        unit: '%',
        bars: tuned.map((value, index) => ({ name: `seed ${index + 1}`, value })),
        mark: { name: 'claimed', value: claimedGain },
      },
    ],
  }
}

const isClear = (found: readonly number[]): boolean => average(found) > clear * standardError(found)

function verdictOf(tuned: readonly number[], guided: readonly number[]): Verdict {
  const holds = (found: readonly number[]): boolean => isClear(found) && average(found) >= near * claimedGain
  if (holds(tuned)) return 'reproduced'
  return holds(guided) || isClear(tuned) ? 'partly' : 'not reproduced'
}

const signed = (value: number): string => `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(1)}`
