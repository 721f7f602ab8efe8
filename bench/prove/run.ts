/**
 * Every claim, measured by the built `hadal prove`, which is what a user runs; the dated report that README.md quotes.
 *
 *     npm run bench prove -- [--full] [--only a,b] [--seed n]
 *
 * Results go to bench/reports/<date>-prove-<quick|full>.json and .md; with --only, which is no report of all, to …-part. Then
 * `npm run docs` writes the table of README.md.
 */

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { formatMillis } from '@hadal/base'
import {
  type ClaimResult,
  machineText,
  otherLoad,
  outcomeOf,
  type ProveReport,
  summaryOf,
} from '@hadal/prove'
import { cell, resultsTable } from '../../scripts/proven-table.ts'
import { writeReport } from '../report-files.ts'

const { values: flags } = parseArgs({
  options: {
    quick: { type: 'boolean' },
    full: { type: 'boolean' },
    only: { type: 'string' },
    seed: { type: 'string', default: '1' },
  },
})
const mode = flags.full ? 'full' : 'quick'
const bin = fileURLToPath(new URL('../../packages/apps/cli/bin/hadal.js', import.meta.url))
/** Stays, for its page and logs; what was there before goes. */
const folder = fileURLToPath(new URL(`.cache/${mode}`, import.meta.url))
rmSync(folder, { recursive: true, force: true })
mkdirSync(folder, { recursive: true })
const file = join(folder, 'all.json')
const only = flags.only === undefined ? [] : ['--only', flags.only]
const args = [`--${mode}`, '--seed', flags.seed, ...only, '--out', join(folder, 'out'), '--json', file]
const child = spawn(process.execPath, [bin, 'prove', ...args], { stdio: 'inherit' })
const [code] = (await once(child, 'exit')) as [number | null]
// 1: some claim could not be carried through, and the report says which.
if (code !== 0 && code !== 1) throw new Error(`hadal prove ended with ${code}`)
const { raw, ...report } = JSON.parse(readFileSync(file, 'utf8')) as ProveReport & {
  readonly raw: Readonly<Record<string, unknown>>
}
const name = `prove-${mode}${flags.only === undefined ? '' : '-part'}`
// One line for each claim, as its raw.json has it: a line for each of thousands of numbers would say no more.
const rawTexts = Object.fromEntries(Object.entries(raw).map(([id, value]) => [id, JSON.stringify(value)]))
const measured = { machine: machineText(report.machine), report, raw: rawTexts }
writeReport(name, 'prove', measured, ({ date, command }) => page(report, date, command))

function page(report: ProveReport, date: string, command: string): string {
  const { hadal, commit, seed, seconds, machine, results } = report
  const load = otherLoad(report)
  return `# What is claimed, measured, ${date}

\`${command}\`

- ${cell(machineText(machine))}
- hadal ${hadal}${commit === undefined ? '' : `, commit ${commit}`}; --${report.mode}, seed ${seed}; ${formatMillis(seconds * 1000)}
- ${summaryOf(report)}${load === undefined ? '' : `\n- other work ran beside: load average ${load} on ${machine.threads} threads; what was timed says less`}

${resultsTable(report, ({ title }) => cell(title))}

${results.map(section).join('\n\n')}
`
}

function section(result: ClaimResult): string {
  const { title, page, command, seconds, loadAverage, judgement, failure } = result
  const took =
    seconds === undefined ? '' : `, ${formatMillis(seconds * 1000)}, load average before it ${loadAverage}`
  const texts = [
    judgement?.reason ?? `${failure?.message} (${failure?.code})`,
    judgement?.conditions ?? '',
    `[docs/${page}](../../docs/${page}); \`${command}\`${took}`,
  ]
  const shown = texts.filter((text) => text !== '')
  return `## ${cell(title)}: ${outcomeOf(result)}\n\n${shown.map((text, at) => `- ${at === shown.length - 1 ? text : cell(text)}`).join('\n')}`
}
