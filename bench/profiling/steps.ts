/**
 * One side of the comparison in a process of its own: `steps.ts WAY STEPS THREADS SIZE`. Trains steps of the nano recipe's shape on tokens made here
 * and prints their seconds, with what a profile took and left.
 */

import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { packStream } from '@hadal/nn'
import { readChromeTrace } from '@hadal/profiling'
import { setNumThreads } from '@hadal/tensor'
import { defineRun, train } from '@hadal/train'
import { fullSize, quickSize } from '../../recipes/nano/sizes.ts'
import { type StepsMeasure, type Way, warmSteps } from './ways.ts'

const [way, counted, threads, size] = process.argv.slice(2) as [Way, string, string, 'full' | 'quick']
const steps = Number(counted)
setNumThreads(Number(threads))
const { model, windowLength, windows, peak } = size === 'full' ? fullSize : quickSize
const ids = (count: number): number[] =>
  Array.from({ length: count }, (_, i) => (i * i * 7 + 3 * i) % (model.vocab_size - 1))
const folder = mkdtempSync(join(tmpdir(), 'hadal-bench-profiling-'))
const seconds: number[] = []
const cpuSeconds: number[] = []
const losses: number[] = []
let writeSeconds = 0
let lastStep = 0
let usage = process.cpuUsage()
try {
  const run = defineRun({
    name: 'nano-shaped',
    folder,
    precision: 'bf16',
    model,
    data: {
      train: packStream([ids(windows * windowLength * 4)], windowLength, model.vocab_size - 1),
      valid: packStream([ids(windowLength)], windowLength, model.vocab_size - 1),
    },
    batch: { windows, accumulate: 1 },
    schedule: { peak, warmupSteps: 1, totalSteps: 10_000, floorFraction: 0.1 },
    evaluate: { everySteps: 10_000 },
    checkpoint: { everySteps: 10_000, keep: 1 },
    ...(way !== 'plain' && { profile: { steps, afterSteps: warmSteps, memory: way === 'with memory' } }),
  })
  await train(run, {
    listeners: [
      (event, control) => {
        if (event.type === 'profiled') writeSeconds = (performance.now() - lastStep) / 1000
        if (event.type !== 'step') return
        lastStep = performance.now()
        losses.push(event.loss)
        const { user, system } = process.cpuUsage(usage)
        usage = process.cpuUsage()
        if (event.step > warmSteps) {
          seconds.push(event.seconds)
          cpuSeconds.push((user + system) / 1e6)
        }
        if (event.step === warmSteps + steps) control.stop('enough')
      },
    ],
  })
  const measured: StepsMeasure = {
    seconds,
    cpuSeconds,
    losses,
    ...(way !== 'plain' && { left: left(folder) }),
  }
  process.stdout.write(`${JSON.stringify(measured)}\n`)
} finally {
  rmSync(folder, { recursive: true })
}

function left(runFolder: string): StepsMeasure['left'] {
  const file = (name: string): string => join(runFolder, 'profile', name)
  const trace = file('trace.json.gz')
  return {
    writeSeconds,
    traceBytes: statSync(trace).size,
    pageBytes: statSync(file('profile.html')).size,
    spans: readChromeTrace(readFileSync(trace)).spans.length,
  }
}
