/** What `hadal train --plan` says a step holds, against what libtorch allocates: every technique on three families of models. */

import { execFileSync } from 'node:child_process'
import { loadavg } from 'node:os'
import { markdownTable, type ReportFacts, writeReport } from '../../report-files.ts'
import { allocators, fromSource } from '../contenders.ts'
import { planCases } from '../plan-cases.ts'
import type { PlanMeasurement } from '../plan-run.ts'
import type { ScenarioFlags } from '../scenario.ts'

interface Row extends PlanMeasurement {
  readonly model: string
  readonly technique: string
}

export async function plan({ threads = 1, allocator, only }: ScenarioFlags): Promise<void> {
  const loadAverage = loadavg()[0]!
  const rows: Row[] = []
  for (const [at, each] of planCases.entries()) {
    const name = `${each.model}: ${each.technique}`
    if (!name.includes(only)) continue
    const [program, ...args] = [...fromSource('plan-run.ts'), String(at), String(threads)]
    const env = {
      ...process.env,
      ...allocators[allocator],
      OMP_NUM_THREADS: String(threads),
      NODE_OPTIONS: '',
    }
    const said = execFileSync(program!, args, { env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] })
    const row: Row = { ...each, ...(JSON.parse(said) as PlanMeasurement) }
    rows.push(row)
    console.log(`${name}: ${mebi(row.plannedBytes)} of ${mebi(row.measuredBytes)} MiB, ${percent(row)}`)
  }
  writeReport('training-plan', 'training', { threads, allocator, loadAverage, rows }, (facts) =>
    page(facts, threads, allocator, rows),
  )
}

const mebi = (bytes: number): string => (bytes / 2 ** 20).toFixed(1)
const error = ({ plannedBytes, measuredBytes }: Row): number => plannedBytes / measuredBytes - 1
const percent = (row: Row): string => `${error(row) >= 0 ? '+' : ''}${(100 * error(row)).toFixed(2)} %`

function page(
  { date, command, machine }: ReportFacts,
  threads: number,
  allocator: string,
  rows: readonly Row[],
): string {
  const worst = rows.reduce((a, b) => (Math.abs(error(b)) > Math.abs(error(a)) ? b : a))
  const samePhase = rows.filter(({ plannedPhase, measuredPhase }) => plannedPhase === measuredPhase).length
  const slowest = Math.max(...rows.map(({ planMillis }) => planMillis))
  return `# Planned and measured memory, ${date}

\`${command}\`

- ${machine}
- the second step of each run, without a guard, in a process of its own; ${threads} thread${threads === 1 ? '' : 's'}, allocator: ${allocator}
- planned: from the configuration alone. Measured: the most that libtorch's allocator had handed out. Resident: by how much the process had grown at its largest

**${rows.length} runs, the worst ${percent(worst)} (${worst.model}, ${worst.technique}).** The phase of the peak was foreseen in ${samePhase} of them. Planning took ${slowest.toFixed(0)} ms at most.

${markdownTable(
  ['model', 'technique', 'planned MiB', 'measured MiB', 'off', 'peak in', 'resident MiB'],
  rows.map((row) => [
    row.model,
    row.technique,
    mebi(row.plannedBytes),
    mebi(row.measuredBytes),
    percent(row),
    row.plannedPhase === row.measuredPhase
      ? row.measuredPhase
      : `${row.measuredPhase}, planned ${row.plannedPhase}`,
    mebi(row.residentBytes),
  ]),
)}
`
}
