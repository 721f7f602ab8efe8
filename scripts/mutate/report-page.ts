/** What a mutation run found, for `bench/reports`. */

import { machineLine, markdownTable } from '../../bench/report-files.ts'
import type { Judged } from './judged.ts'
import type { Mutant } from './mutants.ts'

export interface FileResult {
  readonly file: string
  /** All that there are; those neither run nor equivalent were not sampled, or time ran out. */
  readonly mutants: number
  readonly equivalent: number
  killed: number
  timedOut: number
  readonly survivors: (Mutant & { readonly judgment: Judged | undefined })[]
}

const runOf = ({ killed, timedOut, survivors }: FileResult): number => killed + timedOut + survivors.length

export function summary(result: FileResult): string {
  const { file, mutants, equivalent, killed, timedOut, survivors } = result
  const counts = `${killed} killed, ${timedOut} timed out, ${survivors.length} survived`
  return `${file}: ${mutants} mutants, ${runOf(result)} run: ${counts}; ${equivalent} equivalent`
}

export function reportPage(command: string, results: readonly FileResult[]): string {
  const date = new Date().toISOString().slice(0, 10)
  const survivors = results.flatMap(({ file, survivors }) => survivors.map((each) => ({ file, ...each })))
  const sum = (of: (result: FileResult) => number): number =>
    results.reduce((total, result) => total + of(result), 0)
  const counts = (name: string, count: (of: (result: FileResult) => number) => number) => [
    name,
    count(({ mutants }) => mutants),
    count(({ equivalent }) => equivalent),
    count(runOf),
    count(({ killed }) => killed),
    count(({ timedOut }) => timedOut),
    count(({ survivors }) => survivors.length),
  ]
  return `# Mutation run, ${date}

\`${command}\`

- ${machineLine()}
- A mutant changes one operator, condition, constant or statement of a decision file. It is killed when a test that imports the
  file fails, and times out when such a test no longer ends. Survivors are changes that no test noticed.
- Equivalent mutants behave like the original. They are listed with a reason in \`scripts/mutate/judged.ts\` and are not run.

${markdownTable(
  ['file', 'mutants', 'equivalent', 'run', 'killed', 'timed out', 'survived'],
  [...results.map((result) => counts(`\`${result.file}\``, (of) => of(result))), counts('total', sum)],
)}

## Survivors

${
  survivors.length === 0
    ? 'None.'
    : markdownTable(
        ['place', 'line', 'mutation', 'judgment'],
        survivors.map(({ file, line, code, change, judgment }) => [
          `\`${file}:${line}\``,
          cell(code),
          cell(change),
          judgment === undefined ? '' : `${judgment.verdict}: ${judgment.reason}`,
        ]),
      )
}
`
}

const cell = (code: string): string => `\`${code.replaceAll('|', '\\|')}\``
