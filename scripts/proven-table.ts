/** The table of README.md between `<!-- prove -->` and `<!-- /prove -->`: what `npm run bench prove` left last. */

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type ClaimResult, outcomeOf, type ProveReport, summaryOf } from '@hadal/prove'
import { markdownTable } from '../bench/report-files.ts'

/** As `bench/prove/run.ts` writes it. */
export interface ProveReportFile {
  readonly date: string
  readonly machine: string
  readonly report: ProveReport
}

/** The newest of `<date>-prove-<mode>.json` by name; of one day that of `--full`. Undefined where there is none. */
export function newestReportName(names: readonly string[]): string | undefined {
  const found = names.flatMap((name) => {
    const match = /^(\d{4}-\d{2}-\d{2})-prove-(quick|full)\.json$/.exec(name)
    return match === null ? [] : [{ name, key: `${match[1]}${match[2] === 'full' ? 1 : 0}` }]
  })
  return found.sort((a, b) => (a.key < b.key ? 1 : -1))[0]?.name
}

/** As it is where nothing was measured yet, or where it has no such place. */
export function readmeWithTable(readme: string, reports: string): string {
  const name = newestReportName(readdirSync(reports))
  if (name === undefined) return readme
  const file = JSON.parse(readFileSync(join(reports, name), 'utf8')) as ProveReportFile
  const page = `bench/reports/${name.replace(/json$/, 'md')}`
  return withTable(readme, provenTable(file, page))
}

export function withTable(readme: string, table: string): string {
  return readme.replace(
    /(<!-- prove -->)[\s\S]*?(<!-- \/prove -->)/,
    (_, begin: string, end: string) => `${begin}\n\n${table}\n\n${end}`,
  )
}

export function provenTable({ date, machine, report }: ProveReportFile, page: string): string {
  return `\`hadal prove --${report.mode}\` on ${date}: ${cell(machine)}. ${summaryOf(report)}; conditions, reasons and raw rounds: [report](${page}).

${resultsTable(report, ({ title, page: guide }) => `[${cell(title)}](docs/${guide})`)}`
}

export function resultsTable({ results }: ProveReport, titleOf: (result: ClaimResult) => string): string {
  const rows = results.map((result) => [
    titleOf(result),
    cell(result.claimed),
    cell(measuredCell(result)),
    outcomeOf(result),
  ])
  return markdownTable(['claim', 'claimed', 'measured', 'verdict'], rows)
}

/** Where nothing was measured, why. */
function measuredCell({ judgement, failure }: ClaimResult): string {
  if (judgement === undefined) return failure?.message ?? ''
  return judgement.measured === '' ? judgement.reason : judgement.measured
}

/** On one line, and nothing but text. */
export const cell = (text: string): string =>
  text.replace(/\s+/g, ' ').replace(/[<>&|{}]/g, (character) => `&#${character.charCodeAt(0)};`)
