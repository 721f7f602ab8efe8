/** What layered rates were measured to do, as a page. */

import { median } from 'hadal'
import { markdownTable, type ReportFacts } from '../../report-files.ts'

export type Form = 'one rate' | 'linear' | 'geometric'

/** Mean losses in nats a token. */
export interface Losses {
  /** Of the new text, to choose a peak by. */
  readonly choice: number
  /** Of other parts of the new text. */
  readonly learnt: number
  /** Of the old text. */
  readonly kept: number
}

export interface Result extends Losses {
  readonly form: Form
  readonly peak: number
  readonly seed: number
  readonly seconds: number
}

export interface LayeredSetup {
  readonly threads: number
  readonly steps: number
  readonly baseSteps: number
  readonly layers: number
  readonly hidden: number
  readonly parameters: number
}

interface Cell extends Losses {
  readonly form: Form
  readonly peak: number
  readonly results: readonly Result[]
}

export function layeredRatesPage(
  { date, command, machine }: ReportFacts,
  { threads, steps, baseSteps, layers, hidden, parameters }: LayeredSetup,
  base: Losses,
  results: readonly Result[],
): string {
  const cells = cellsOf(results)
  const best = bestOfEachForm(cells)
  const one = best.find(({ form }) => form === 'one rate')
  const row = ({ form, peak, results, learnt, kept }: Cell): string[] => [
    form,
    peak.toExponential(),
    `${learnt.toFixed(4)} (${range(results, 'learnt')})`,
    `${kept.toFixed(4)} (${range(results, 'kept')})`,
  ]
  const heads = ['rates', 'peak', 'new text', 'old text']
  return `# Layer-wise learning rates, ${date}

\`${command}\`

- ${machine}; ${threads} thread${threads === 1 ? '' : 's'}
- a Llama of ${(parameters / 1e6).toFixed(1)} M parameters, ${layers} layers, d=${hidden}, pretrained for ${baseSteps} steps on the nano recipe's documents without the prose, then tuned on the prose (speeches, a novel): ${steps} steps of 16 x 128 tokens, fp32, AdamW, cosine from the peak
- \`one rate\`: the schedule's for all; \`linear\`, \`geometric\`: from a tenth of it at the bottom to all of it at the top
- held-out losses in nats a token, medians over ${new Set(results.map(({ seed }) => seed)).size} seeds, in brackets the lowest and the highest; before tuning new text ${base.learnt.toFixed(4)}, old text ${base.kept.toFixed(4)}

Of each form the peak with the lowest loss on a part of the new text that is not reported${edge(cells, best)}:

${markdownTable(heads, best.map(row))}

${
  one === undefined
    ? ''
    : `${best
        .filter((cell) => cell !== one)
        .map((cell) => verdict(cell, one))
        .join('\n')}\n\n${sparing(cells, one)}\n`
}
All peaks:

${markdownTable(heads, cells.map(row))}
`
}

/** Runs that differ in the seed alone, as their medians. */
function cellsOf(results: readonly Result[]): Cell[] {
  return grouped(results, ({ form, peak }) => `${form} ${peak}`).map((group) => ({
    form: group[0]!.form,
    peak: group[0]!.peak,
    results: group,
    choice: median(group.map(({ choice }) => choice)),
    learnt: median(group.map(({ learnt }) => learnt)),
    kept: median(group.map(({ kept }) => kept)),
  }))
}

function bestOfEachForm(cells: readonly Cell[]): Cell[] {
  return grouped(cells, ({ form }) => form).map((group) =>
    group.reduce((best, cell) => (cell.choice < best.choice ? cell : best)),
  )
}

/** A best that the grid ends at might be better beyond it. */
function edge(cells: readonly Cell[], best: readonly Cell[]): string {
  const tried = cells.map(({ peak }) => peak)
  const ends = [Math.min(...tried), Math.max(...tried)]
  const at = best.filter(({ peak }) => ends.includes(peak)).map(({ form }) => form)
  return at.length === 0 ? '' : ` (at an end of the grid, so perhaps not the best there is: ${at.join(', ')})`
}

function verdict(cell: Cell, one: Cell): string {
  const words = (what: 'learnt' | 'kept'): string => {
    const apart = separated(cell, one, what) ? 'every seed agrees' : 'within the spread of the seeds'
    const difference = cell[what] - one[what]
    return `${difference <= 0 ? '' : '+'}${difference.toFixed(4)} nats (${apart})`
  }
  return `- ${cell.form} against one rate: new text ${words('learnt')}, old text ${words('kept')}.`
}

/** At no more loss on the new text than the best one rate has: who forgets least. */
function sparing(cells: readonly Cell[], one: Cell): string {
  const least = cells
    .filter(({ learnt }) => learnt <= one.learnt)
    .reduce((best, cell) => (cell.kept < best.kept ? cell : best))
  return `Of all that learn the new text at least as well as the best one rate, ${least.form} with a peak of ${least.peak.toExponential()} forgets least: ${least.kept.toFixed(4)} on the old text against ${one.kept.toFixed(4)}.`
}

const separated = (a: Cell, b: Cell, what: 'learnt' | 'kept'): boolean => {
  const [ours, theirs] = [a, b].map(({ results }) => results.map((each) => each[what]))
  return Math.max(...ours!) < Math.min(...theirs!) || Math.min(...ours!) > Math.max(...theirs!)
}

/** In the order in which the first of each came. */
function grouped<T>(values: readonly T[], keyOf: (value: T) => string): T[][] {
  const groups = new Map<string, T[]>()
  for (const value of values) groups.set(keyOf(value), [...(groups.get(keyOf(value)) ?? []), value])
  return [...groups.values()]
}

function range(results: readonly Result[], what: 'learnt' | 'kept'): string {
  const values = results.map((each) => each[what])
  return `${Math.min(...values).toFixed(4)} to ${Math.max(...values).toFixed(4)}`
}
