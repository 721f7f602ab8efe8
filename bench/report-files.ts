/** What every benchmark leaves behind: everything that was measured as JSON, a page of it, and on what machine it ran. */

import { mkdirSync, writeFileSync } from 'node:fs'
import { availableParallelism, cpus, release, totalmem } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const folder = fileURLToPath(new URL('reports', import.meta.url))

export interface ReportFacts {
  /** ISO. */
  readonly date: string
  readonly command: string
  /** One line. */
  readonly machine: string
}

/** Writes `bench/reports/<date>-<name>.json` and `.md`, and prints the page. */
export function writeReport(
  name: string,
  topic: string,
  measured: Readonly<Record<string, unknown>>,
  renderPage: (facts: ReportFacts) => string,
): void {
  const date = new Date().toISOString().slice(0, 10)
  const given = process.argv.slice(2).join(' ')
  const command = `npm run bench ${topic}${given === '' ? '' : ` -- ${given}`}`
  const facts = { date, command, machine: machineLine() }
  const page = renderPage(facts)
  mkdirSync(folder, { recursive: true })
  const file = join(folder, `${date}-${name}`)
  writeFileSync(`${file}.json`, `${JSON.stringify({ ...facts, ...measured }, null, 1)}\n`)
  writeFileSync(`${file}.md`, page)
  console.log(`\n${page}`)
}

/** The machine and its versions, as reports name them. */
export function machineLine(): string {
  const memoryGiB = Math.round(totalmem() / 1024 ** 3)
  const cpu = cpus()[0]?.model.trim() ?? 'unknown'
  const system = `${process.platform} ${release()}`
  return `${cpu}, ${availableParallelism()} threads, ${memoryGiB} GiB, ${system}, Node ${process.version}`
}

/** A table in Markdown. */
export function markdownTable(
  heads: readonly string[],
  rows: readonly (readonly (string | number)[])[],
): string {
  const lines = [heads, heads.map(() => '---'), ...rows]
  return lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n')
}
