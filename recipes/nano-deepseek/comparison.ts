// The DeepSeek-shaped nano model compared with the Llama-shaped one, which its own card and evaluation tell of: same data, same tokenizer,
// same steps, about the same size.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { modelParameterCount, trainingFlopsPerToken } from '@hadal/nn'
import type { CardFacts } from '../nano/card/card-facts.ts'
import { table } from '../nano/card/markdown.ts'
import type { Evaluation, Score } from '../nano/evaluation/evaluation.ts'
import * as llama from '../nano/sizes.ts'
import { fullSize } from './sizes.ts'

/** Both stages. */
type Pair = readonly [text: number, answers: number]

/** Figures of a row of a card's training table. */
export function cardRow(card: string, name: string): Pair {
  const row = card.split('\n').find((line) => line.startsWith(`| ${name} `))
  const cells = row
    ?.split('|')
    .slice(2, 4)
    .map((cell) => Number(cell.replaceAll(',', '').trim()))
  if (cells === undefined || cells.some((cell) => !Number.isFinite(cell)))
    throw new Error(`the card has no figures of ${JSON.stringify(name)}`)
  return cells as unknown as Pair
}

/** `llamaFolder` holds the other model's card and evaluation. */
export function comparison(facts: Omit<CardFacts, 'comparison'>, llamaFolder: string): string[] {
  const card = readFileSync(join(llamaFolder, 'README.md'), 'utf8')
  const other = JSON.parse(readFileSync(join(llamaFolder, 'evaluation.json'), 'utf8')) as Evaluation
  const { pretrain, chat } = facts.stages
  const losses = [
    [pretrain.lastHeldOutLoss, chat.lastHeldOutLoss],
    cardRow(card, 'last held-out loss'),
  ] as const
  const steps = [[pretrain.steps, chat.steps], cardRow(card, 'steps')] as const
  const perStep = cardRow(card, 'tokens a step')[0]
  const sizes = [fullSize, llama.fullSize].map(({ model }) => modelParameterCount(model))
  const operations = [fullSize, llama.fullSize].map(({ model, windowLength }, index) => {
    const [text, answers] = steps[index]!
    return trainingFlopsPerToken(model, windowLength) * (text + answers) * perStep
  })
  const both = (name: string, show: (index: 0 | 1) => string): string[] => [name, show(0), show(1)]
  const evaluations = [facts.evaluation, other] as const
  const share = ({ right, checked }: Score): string =>
    `${Math.round((100 * right) / checked)} % (${right}/${checked})`
  const [better, worse] = compare(losses)
  return [
    '## Beside the Llama of the same size',
    `\`recipes/nano\` trains a Llama of the same size on the same data, with the same tokenizer, optimizer, rates and steps; only the architecture differs. At ${percent(1 - operations[0]! / operations[1]!)} fewer operations (a token meets ${percent(sizes[0]!.activated / sizes[0]!.total)} of the weights) ${verdict(better, worse)}.`,
    table(
      ['', 'DeepSeek', 'Llama'],
      [
        both('parameters', (i) => count(sizes[i]!.total)),
        both('of them met by a token', (i) => count(sizes[i]!.activated)),
        both('steps', (i) => `${count(steps[i][0])} + ${count(steps[i][1])}`),
        both('operations of training', (i) => operations[i]!.toExponential(2)),
        both('held-out loss on text', (i) => losses[i][0].toFixed(3)),
        both('held-out loss on answers', (i) => losses[i][1].toFixed(3)),
        both('known facts, new wording', (i) => share(evaluations[i].total.phrasing!)),
        both('new facts', (i) => share(evaluations[i].total.fact!)),
      ],
    ),
    'So `npm start` serves the Llama. What speaks against this model at this size: each expert sees a third of the tokens and knows what those taught it, a token meets a quarter fewer weights, and the data, two epochs of it, is mostly facts to be remembered. It was not trained for as many operations as the Llama, about 28 % more steps.',
    'Operations are counted, not timed: 6 for each weight a token is multiplied with, and attention as in PaLM (arXiv:2204.02311, appendix B). On a CPU many small products cost more time than few large ones, so the time saved is less than the operations.',
  ]
}

/** Stages in which this model's loss is the lower, and the higher. */
function compare([ours, theirs]: readonly [Pair, Pair]): readonly [string[], string[]] {
  const names = ['text', 'answers']
  const lower = (index: number): boolean => ours[index]! < theirs[index]!
  return [names.filter((_, i) => lower(i)), names.filter((_, i) => !lower(i))]
}

function verdict(better: readonly string[], worse: readonly string[]): string {
  if (worse.length === 0) return 'its held-out loss is the lower in both stages'
  if (better.length === 0) return 'its held-out loss is the higher in both stages'
  return `its held-out loss is the lower on ${better.join(', ')} and the higher on ${worse.join(', ')}`
}

const count = (value: number): string => value.toLocaleString('en')
const percent = (share: number): string => `${Math.round(100 * share)} %`
