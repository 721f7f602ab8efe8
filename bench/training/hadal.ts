/**
 * Hadal's side of a comparison: the real loop, `train()`, that stops between two steps until it is told how many more to
 * make. Run as a contender (`contenders.ts`): hadal.ts <folder of a task>. Commands and answers are lines.
 */

import { readFileSync, readSync, writeSync } from 'node:fs'
import { basename, join } from 'node:path'
import { getNumThreads, libraryInfo, load, memory, resetPeakMemory, setNumThreads } from '@hadal/tensor'
import { defineRun, type TrainListener, train } from '@hadal/train'
import type { Block, Started } from './contenders.ts'
import { readTask } from './task.ts'

const folder = process.argv[2]!
const { task, weights, train: trainWindows, valid } = readTask(folder)
setNumThreads(task.threads)
load()
const run = defineRun({
  name: 'bench',
  folder: join(folder, 'hadal'),
  seed: task.seed,
  model: task.model,
  startFrom: weights,
  precision: task.precision,
  ...(task.adapter && { adapter: task.adapter }),
  ...(task.lossScale && { lossScale: task.lossScale }),
  ...(task.checkpointing && { checkpointing: task.checkpointing }),
  data: { train: trainWindows, valid },
  batch: { windows: task.batchWindows, accumulate: 1 },
  schedule: task.schedule,
  optimizer: task.optimizer,
  clipNorm: task.clipNorm,
  // PyTorch's script keeps no good state to go back to either.
  guard: false,
  evaluate: { everySteps: task.evaluateEvery },
  checkpoint: { everySteps: task.schedule.totalSteps, keep: 1 },
})

let stepsLeft = 0
let losses: number[] = []
let activationBytes = 0
let validLosses: { step: number; loss: number }[] = []
let wallStart = 0
let cpuStart = process.cpuUsage()
let faultsStart = 0

const stopHere: TrainListener = (event) => {
  if (event.type === 'started') {
    const { version } = libraryInfo()
    say({ version: `libtorch ${version}`, threads: getNumThreads(), libraries: loadedLibraries() })
    waitForCommand()
  } else if (event.type === 'step') {
    losses.push(event.loss)
    activationBytes = Math.max(activationBytes, event.memory?.activations ?? 0)
    stepsLeft -= 1
    const evaluates = event.step === event.totalSteps || event.step % task.evaluateEvery === 0
    if (stepsLeft === 0 && !evaluates) endBlock()
  } else if (event.type === 'evaluated') {
    validLosses.push({ step: event.step, loss: event.loss })
    if (stepsLeft === 0) endBlock()
  }
}
await train(run, { listeners: [stopHere] })

function endBlock(): void {
  const seconds = (performance.now() - wallStart) / 1000
  const { user, system } = process.cpuUsage(cpuStart)
  const pageFaults = process.resourceUsage().minorPageFault - faultsStart
  const { peakBytes, currentBytes } = memory()
  const held = { peakBytes, heldBytes: currentBytes, activationBytes }
  say({ losses, validLosses, seconds, cpuSeconds: (user + system) / 1e6, pageFaults, ...held })
  waitForCommand()
}

/** Blocks: a contender that waits does nothing. The other side ends by closing the pipe. */
function waitForCommand(): void {
  let line = ''
  const byte = new Uint8Array(1)
  while (!line.endsWith('\n')) {
    if (readSync(0, byte, 0, 1, null) === 0) process.exit(0)
    line += String.fromCharCode(byte[0]!)
  }
  stepsLeft = Number(line)
  losses = []
  activationBytes = 0
  validLosses = []
  faultsStart = process.resourceUsage().minorPageFault
  resetPeakMemory()
  cpuStart = process.cpuUsage()
  wallStart = performance.now()
}

function say(answer: Started | Block): void {
  writeSync(1, `${JSON.stringify(answer)}\n`)
}

function loadedLibraries(): string[] {
  const lines = readFileSync('/proc/self/maps', 'utf8').split('\n')
  const paths = new Set(lines.filter((line) => line.includes('/')).map((line) => line.split(/\s+/).at(-1)!))
  return [...paths].filter((path) => /libtorch|libc10|blas|libgomp|libdnnl/.test(basename(path))).sort()
}
