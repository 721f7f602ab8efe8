/**
 * One rank of a run that several carry out, or a run by itself: `divided-rank.ts RUN` with the run as JSON and, for a rank, its place in
 * the environment. Prints what it measured as JSON.
 */

import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type DecoderConfig, packStream, selectWindows } from '@hadal/nn'
import { memory, resetPeakMemory, setNumThreads } from '@hadal/tensor'
import { defineRun, openMesh, type ParallelOptions, readRankEnvironment, train } from '@hadal/train'
import { peakResidentMiB } from '../processes.ts'

export interface DividedTask {
  readonly model: DecoderConfig
  readonly batchWindows: number
  readonly windowLength: number
  readonly threads: number
  readonly parallel: Partial<ParallelOptions>
  readonly warmupSteps: number
  readonly steps: number
}

export interface DividedMeasure {
  readonly secondsPerStep: readonly number[]
  /** That the thread which computes did, or wanted to while others had its core; what is left of `wallSeconds` it waited for its peer. */
  readonly busySeconds: number
  readonly wallSeconds: number
  readonly sentBytes: number
  /** The most that libtorch held. */
  readonly peakBytes: number
  readonly residentMiB: number
  readonly losses: readonly number[]
}

/** Of the thread of this process that runs JavaScript and libtorch, on a core and in line for one: Linux only. */
function threadSeconds(): number {
  const [ran, stoodInLine] = readFileSync(`/proc/self/task/${process.pid}/schedstat`, 'utf8').split(' ')
  return (Number(ran) + Number(stoodInLine)) / 1e9
}

const task = JSON.parse(process.argv[2]!) as DividedTask
setNumThreads(task.threads)
const { model, windowLength } = task
const text = Array.from({ length: 64 * windowLength }, (_, index) => (index * 7919) % model.vocab_size)
const windows = packStream([text], windowLength, 0)
const folder = mkdtempSync(join(tmpdir(), 'hadal-bench-'))
const totalSteps = task.warmupSteps + task.steps
const run = defineRun({
  name: 'bench',
  folder,
  model,
  parallel: task.parallel,
  data: { train: windows, valid: selectWindows(windows, [0]) },
  batch: { windows: task.batchWindows, accumulate: 1 },
  schedule: { peak: 1e-3, warmupSteps: 10, totalSteps: 100_000, floorFraction: 1 },
  guard: false,
  evaluate: { everySteps: 100_000 },
  checkpoint: { everySteps: 100_000, keep: 1 },
})
const place = readRankEnvironment(process.env)
const mesh = place && (await openMesh(run, place))
const secondsPerStep: number[] = []
const losses: number[] = []
let [busySeconds, wallSeconds, sentBytes, peakBytes] = [0, 0, 0, 0]
const groups = new Set(mesh ? [mesh.world, mesh.data, mesh.tensor] : [])
const sent = (): number => [...groups].reduce((sum, { sentBytes }) => sum + sentBytes, 0)
await train(run, {
  mesh,
  listeners: [
    (event, control) => {
      if (event.type !== 'step') return
      losses.push(event.loss)
      if (event.step > task.warmupSteps) secondsPerStep.push(event.seconds)
      if (event.step === task.warmupSteps) {
        resetPeakMemory()
        busySeconds = -threadSeconds()
        wallSeconds = -performance.now() / 1000
        sentBytes = -sent()
      }
      if (event.step === totalSteps) {
        busySeconds += threadSeconds()
        wallSeconds += performance.now() / 1000
        sentBytes += sent()
        peakBytes = memory().peakBytes
        control.stop('measured')
      }
    },
  ],
})
mesh?.close()
rmSync(folder, { recursive: true, force: true })
const residentMiB = peakResidentMiB(process.pid)
const measure: DividedMeasure = {
  secondsPerStep,
  busySeconds,
  wallSeconds,
  sentBytes,
  peakBytes,
  residentMiB,
  losses,
}
process.stdout.write(JSON.stringify(measure))
