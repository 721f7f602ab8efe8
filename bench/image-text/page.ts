/** The page of the report: means over seeds with their spread, and what they are of the model before. */

import { markdownTable, type ReportFacts } from '../report-files.ts'
import type { Found } from './recall.ts'
import { factors, guidedName, oneRateName, variants } from './variants.ts'

export interface Round extends Found {
  readonly variant: string
  readonly seed: number
  readonly seconds: number
}

export interface Measured {
  readonly before: Found
  readonly rounds: readonly Round[]
  readonly steps: number
  readonly pretrainSteps: number
  readonly batch: number
  readonly pictures: Readonly<Record<'openmoji' | 'stamps' | 'tuned' | 'heldOut', number>>
}

/** Of both directions together. */
const recall = ({ textToImage, imageToText }: Found, k: number): number =>
  (textToImage[k]! + imageToText[k]!) / 2

const percent = (share: number): string => (100 * share).toFixed(1)

export function page({ date, command, machine }: ReportFacts, measured: Measured): string {
  const { before, rounds, steps, pretrainSteps, batch, pictures } = measured
  const one = recall(before, 1)
  const rows = variants.flatMap(({ name, rates, weights }) => {
    const own = rounds.filter((round) => round.variant === name)
    if (own.length === 0) return []
    const firsts = own.map((round) => recall(round, 1))
    const { mean, deviation } = spread(firsts)
    const [low, high] = [Math.min(...firsts), Math.max(...firsts)]
    return [
      [
        `text ${rates.text}, image ${rates.image}`,
        `${weights.textWeight} / ${weights.imageWeight}`,
        own.length,
        `${percent(mean)} ± ${percent(deviation)}`,
        `${percent(low)} to ${percent(high)}`,
        `${mean >= one ? '+' : ''}${percent(mean / one - 1)} %`,
        `${percent(meanOf(own, ({ textToImage }) => textToImage[1]!))} / ${percent(meanOf(own, ({ imageToText }) => imageToText[1]!))}`,
        `${percent(meanOf(own, (round) => recall(round, 5)))} / ${percent(meanOf(own, (round) => recall(round, 10)))}`,
      ],
    ]
  })
  const heads = [
    'rates',
    'text / image counts',
    'seeds',
    'Recall@1, %',
    'from, to',
    'against before',
    'of a text / an image',
    'Recall@5 / @10, %',
  ]
  const untuned = [
    'before',
    '',
    '',
    percent(one),
    '',
    '',
    `${percent(before.textToImage[1]!)} / ${percent(before.imageToText[1]!)}`,
    `${percent(recall(before, 5))} / ${percent(recall(before, 10))}`,
  ]
  return `# Tuning two towers

${date}, ${machine}
\`${command}\`

A model of 3.7 million parameters (recipes/emoji-clip) learnt ${pictures.openmoji} drawings of openmoji and ${pictures.stamps} stamps from nothing, in ${pretrainSteps} steps of ${batch}, and was tuned to ${pictures.tuned} drawings of
twemoji in ${steps} steps of ${batch}, bf16. Held out are ${pictures.heldOut} other emoji of twemoji, each asked for by its name alone among all of them; their names and their openmoji drawings were in pretraining. Recall@1 is
the mean of both directions; ± is the standard deviation over seeds, which draw the order and the augmentation of tuning.

${markdownTable(heads, [untuned, ...rows])}

A guide claims +18 % for two rates (text 1e-5, image 5e-6) and weights (0.7, 0.3). Recall@1 with both less Recall@1 with one rate and even weights, seed by seed, in points:

${factors.flatMap((factor) => differences(rounds, factor)).join('\n')}

Rates and weights were not chosen by what was held out: all that was tried is in the table. ± knows of seeds alone. ${2 * pictures.heldOut} questions are a sample as well, of which a share near ${percent(one)} % has a standard
error of ${percent(Math.sqrt((one * (1 - one)) / (2 * pictures.heldOut)))} points, though all variants were asked the same. There is one pretrained model.
`
}

/** As a line of a list; none before both variants have a seed in common. */
function differences(rounds: readonly Round[], factor: number): string[] {
  const own = rounds.filter(({ variant }) => variant === guidedName(factor))
  const points = own.flatMap((round) => {
    const other = rounds.find(({ variant, seed }) => variant === oneRateName(factor) && seed === round.seed)
    return other ? [100 * (recall(round, 1) - recall(other, 1))] : []
  })
  if (points.length === 0) return []
  const { mean, deviation } = spread(points)
  const each = points.map((point) => point.toFixed(1)).join(', ')
  return [`- the guide's rates ×${factor}: ${mean.toFixed(1)} ± ${deviation.toFixed(1)} (${each})`]
}

const meanOf = <Item>(items: readonly Item[], of: (item: Item) => number): number =>
  items.reduce((sum, item) => sum + of(item), 0) / items.length

/** Over a sample. */
export function spread(values: readonly number[]): { readonly mean: number; readonly deviation: number } {
  const mean = meanOf(values, (value) => value)
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0)
  return { mean, deviation: values.length < 2 ? 0 : Math.sqrt(squares / (values.length - 1)) }
}
