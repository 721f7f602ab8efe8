/** A comparison of servers as a page: medians of every figure, ratios and rounds of those that are compared. */

import { median } from 'hadal'
import { markdownTable, type ReportFacts } from '../report-files.ts'
import type { Setup } from './contenders.ts'
import type { Column, Row } from './scenario.ts'

/** One contender's turn. */
export interface Round {
  readonly contender: string
  readonly round: number
  /** Of the machine, over the minute before: other work shows here. */
  readonly loadAverage: number
  readonly rows: readonly Row[]
}

export interface Comparison {
  readonly scenario: string
  readonly says: string
  readonly columns: readonly Column[]
  /** By contender; the first one is what the others are compared with. */
  readonly versions: Readonly<Record<string, string>>
  readonly setup: Setup
  readonly rounds: readonly Round[]
}

export function renderComparison(
  { date, command, machine }: ReportFacts,
  { scenario, says, columns, versions, setup, rounds }: Comparison,
): string {
  const names = Object.entries(versions).map(([name, version]) => `${name} ${version}`)
  const loads = rounds.map((round) => round.loadAverage.toFixed(1))
  const [first] = Object.keys(versions)
  const heads = columns.flatMap(({ title, better }) =>
    better === undefined ? [title] : [title, `${first} is so many times better`, 'each round'],
  )
  return `# Serving, ${scenario}, ${date}

\`${command}\`

- ${machine}
- ${names.join(', ')}
- ${setup.model}, ${setup.threads} threads, ${setup.sequences} sequences of ${setup.context} tokens, each server's own defaults else
- ${says}
- medians of rounds in alternation, each in a fresh process
- load average of the machine before each turn: ${loads.join(', ')}

${markdownTable(['server', 'load', ...heads], rowsOf(columns, Object.keys(versions), rounds))}
`
}

function rowsOf(
  columns: readonly Column[],
  contenders: readonly string[],
  rounds: readonly Round[],
): string[][] {
  const valuesOf = (name: string, at: number, key: string): number[] =>
    rounds.filter(({ contender }) => contender === name).map(({ rows }) => rows[at]!.figures[key]!)
  return contenders.flatMap((name) =>
    rounds[0]!.rows.map(({ load }, at) => {
      const cells = columns.flatMap(({ key, better }) => {
        const values = valuesOf(name, at, key)
        const middle = median(values)
        if (better === undefined) return [short(middle)]
        const firsts = median(valuesOf(contenders[0]!, at, key))
        const ratio = better === 'more' ? firsts / middle : middle / firsts
        return [short(middle), ratio.toFixed(2), values.map(short).join(', ')]
      })
      return [name, load, ...cells]
    }),
  )
}

const short = (value: number): string => value.toFixed(value >= 100 ? 0 : value >= 10 ? 1 : 2)
