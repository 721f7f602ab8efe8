/** The tables of docs/reliability.md: what `npm run faults` and `npm run bench fuzz` reported last. */

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type ScenarioResult, scenarioTable } from '../bench/faults/table.ts'
import { type ParserRun, parserTable } from '../bench/fuzz/table.ts'
import { markdownTable } from '../bench/report-files.ts'

interface ReportFile {
  readonly date: string
  readonly machine: string
}

/** `page` with the tables between `<!-- faults -->`, `<!-- injected -->` and `<!-- fuzz -->` and their ends. */
export function withReliabilityTables(page: string, reports: string): string {
  const injected = newest<ReportFile & { readonly results: readonly ScenarioResult[] }>(reports, 'faults')
  const fuzzed = newest<ReportFile & { readonly total: number; readonly runs: readonly ParserRun[] }>(
    reports,
    'fuzz',
  )
  return [
    [
      'injected',
      injected &&
        markdownTable(
          ['failure', 'how'],
          injected.file.results.map(({ name, inject }) => [name, inject]),
        ),
    ],
    ['faults', injected && `${from(injected)}\n\n${scenarioTable(injected.file.results)}`],
    ['fuzz', fuzzed && `${from(fuzzed)} ${fuzzed.file.total} inputs.\n\n${parserTable(fuzzed.file.runs)}`],
  ].reduce<string>(
    (text, [name, table]) =>
      table === undefined
        ? text
        : text.replace(
            new RegExp(`(<!-- ${name} -->)[\\s\\S]*?(<!-- /${name} -->)`),
            (_, start: string, end: string) => `${start}\n\n${table}\n\n${end}`,
          ),
    page,
  )
}

const from = ({ name, file: { date, machine } }: { name: string; file: ReportFile }): string =>
  `Measured on ${date}: ${machine} ([report](../bench/reports/${name}.md)).`

function newest<T>(reports: string, topic: string): { name: string; file: T } | undefined {
  const names = readdirSync(reports).filter((name) =>
    new RegExp(`^\\d{4}-\\d{2}-\\d{2}-${topic}\\.json$`).test(name),
  )
  const name = names.sort().at(-1)
  if (name === undefined) return undefined
  return {
    name: name.replace(/\.json$/, ''),
    file: JSON.parse(readFileSync(join(reports, name), 'utf8')) as T,
  }
}
