/**
 * What a profile costs: the time of recorded steps against the same steps without, and of writing what they leave. Fresh processes in
 * turns, on steps of the shape of the nano recipe.
 *
 *     npm run bench profiling -- [--rounds 3] [--steps 3] [--threads 1] [--size full]
 *
 * `--size quick` is the small model of that recipe, whose operators are short: the dearest case.
 *
 * Results go to bench/reports/<date>-profiling-<size>.json and .md.
 */

import { spawnSync } from 'node:child_process'
import { loadavg } from 'node:os'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { formatBytes } from '@hadal/base'
import { median } from 'hadal'
import { markdownTable, type ReportFacts, writeReport } from '../report-files.ts'
import { type StepsMeasure, type Way, ways } from './ways.ts'

const { values: flags } = parseArgs({
  options: {
    rounds: { type: 'string', default: '3' },
    steps: { type: 'string', default: '3' },
    threads: { type: 'string', default: '1' },
    size: { type: 'string', default: 'full' },
  },
})
const program = fileURLToPath(new URL('./steps.ts', import.meta.url))

interface Round {
  readonly way: Way
  /** Of the machine in the last minute, when it began. */
  readonly load: number
  readonly measure: StepsMeasure
}

const rounds: Round[] = []
for (let round = 0; round < Number(flags.rounds); round += 1)
  for (const way of round % 2 === 0 ? ways : ways.toReversed()) {
    const load = loadavg()[0]!
    const args = [
      '--conditions=@hadal/source',
      '--import',
      'tsx',
      program,
      way,
      flags.steps,
      flags.threads,
      flags.size,
    ]
    const env = { ...process.env, OMP_NUM_THREADS: flags.threads }
    const { status, stdout, stderr } = spawnSync(process.execPath, args, { env, encoding: 'utf8' })
    if (status !== 0) throw new Error(`${way} ended with ${status}: ${stderr}`)
    const measure = JSON.parse(stdout) as StepsMeasure
    rounds.push({ way, load, measure })
    console.error(
      `${way}: ${measure.cpuSeconds.map((each) => each.toFixed(3)).join(' ')} CPU s, load ${load.toFixed(1)}`,
    )
  }

const of = (way: Way): StepsMeasure[] => rounds.flatMap((round) => (round.way === way ? [round.measure] : []))
const stepSeconds = (way: Way, what: 'seconds' | 'cpuSeconds' = 'cpuSeconds'): number =>
  median(of(way).flatMap((measure) => measure[what]))
const equal = new Set(rounds.map(({ measure }) => JSON.stringify(measure.losses))).size === 1

writeReport(`profiling-${flags.size}`, 'profiling', { rounds }, (facts: ReportFacts) => {
  const plain = stepSeconds('plain')
  const rows = ways.map((way) => {
    const last = of(way).at(-1)!.left
    const per = Number(flags.steps)
    return [
      way,
      stepSeconds(way).toFixed(3),
      stepSeconds(way, 'seconds').toFixed(3),
      way === 'plain' ? '' : `${((stepSeconds(way) / plain - 1) * 100).toFixed(1)} %`,
      last ? Math.round(last.spans / per).toLocaleString('en') : '',
      last ? median(of(way).map(({ left }) => left!.writeSeconds)).toFixed(2) : '',
      last ? formatBytes(last.traceBytes) : '',
      last ? formatBytes(last.pageBytes) : '',
    ]
  })
  const table = markdownTable(
    ['way', 'a step, CPU s', 'a step, s', 'more CPU', 'spans a step', 'to write, s', 'trace', 'page'],
    rows,
  )
  const loads = rounds.map(({ load }) => load)
  return `# What a profile costs

${facts.date}, \`${facts.command}\`. ${facts.machine}; load of the machine ${Math.min(...loads).toFixed(1)} to ${Math.max(...loads).toFixed(1)} when rounds began.

Steps of the nano recipe's ${flags.size} size in bf16, ${flags.threads} thread(s), ${flags.steps} of them recorded, ${flags.rounds} rounds, medians. CPU seconds are the process's own, of which other work on the machine takes none. Writing is sorting, summing up, the page, and measuring the peak that utilization is of.

${table}

Losses of all rounds and ways are ${equal ? 'equal to the bit' : 'NOT equal'}.
`
})
