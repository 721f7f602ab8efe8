/**
 * Two steps of one run whose memory was planned, in a process of its own: plan-run.ts <number of the case> <threads>. Prints one JSON
 * line. Run by the plan scenario.
 */

import { mkdtempSync, readFileSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setNumThreads, takePeakMemory } from '@hadal/tensor'
import { planRun, train } from '@hadal/train'
import { planCases, runOf } from './plan-cases.ts'

export interface PlanMeasurement {
  readonly plannedBytes: number
  readonly plannedPhase: string
  /** The most of the second step, by libtorch's own count. */
  readonly measuredBytes: number
  readonly measuredPhase: string
  /** By which the process grew from before the run to its largest. */
  readonly residentBytes: number
  readonly planMillis: number
}

const [at, threads] = process.argv.slice(2).map(Number) as [number, number]
setNumThreads(threads)
const run = runOf(planCases[at]!)
const start = performance.now()
const plan = planRun(run)
const planMillis = performance.now() - start
const { phases, bytes } = plan
const plannedPhase = (Object.keys(phases) as (keyof typeof phases)[]).reduce((a, b) =>
  phases[b] > phases[a] ? b : a,
)
const kibi = (name: string): number =>
  1024 * Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(readFileSync('/proc/self/status', 'utf8'))?.[1])
const before = kibi('VmRSS')
const folder = mkdtempSync(join(tmpdir(), 'hadal-plan-'))
takePeakMemory()
let measured: { peakBytes: number; phase: string } | undefined
let largest = before
try {
  await train(
    { ...run, folder, guard: false },
    {
      listeners: [
        (event, control) => {
          if (event.type !== 'step') return
          measured = event.memory
          largest = kibi('VmHWM')
          if (event.step === 2) control.stop('measured')
        },
      ],
    },
  )
} finally {
  rmSync(folder, { recursive: true, force: true })
}
const line: PlanMeasurement = {
  plannedBytes: Object.values(bytes).reduce((sum, each) => sum + each, 0),
  plannedPhase,
  measuredBytes: measured!.peakBytes,
  measuredPhase: measured!.phase,
  residentBytes: largest - before,
  planMillis,
}
writeSync(1, `${JSON.stringify(line)}\n`)
