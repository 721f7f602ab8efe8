/**
 * Executes the tiny run in a separate process: `tiny-program.ts FOLDER PRECISION MODE [STEP SIGNAL]`.
 *
 * `run`: prints each step on stdout, pauses between them, stops cleanly on request, and sends itself SIGNAL after STEP.
 * `die-writing`: sends itself SIGKILL when half of the second checkpoint's bytes are written.
 */

import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { join } from 'node:path'
import type { Precision } from '@hadal/nn'
import { setNumThreads } from '@hadal/tensor'
import { metricsLog, type TrainListener, train, withInterrupt } from '@hadal/train'
import { tinyRun } from './tiny-run.ts'

const [folder, precision, mode, step, signal] = process.argv.slice(2) as [
  string,
  Precision,
  'run' | 'die-writing',
  string?,
  NodeJS.Signals?,
]
setNumThreads(1)
const run = tinyRun(folder, precision)
const pause = new Int32Array(new SharedArrayBuffer(4))

const announce: TrainListener = (event) => {
  if (mode === 'run' && event.type === 'step') {
    fs.writeSync(1, `step ${event.step}\n`)
    if (event.step === Number(step)) process.kill(process.pid, signal)
    Atomics.wait(pause, 0, 0, 50)
  }
}

/** The first few writes of a file are its header; later ones are tensors. */
function dieInTheMiddleOfAWrite(): void {
  const write = fs.writeSync as (file: number, bytes: Uint8Array, at?: number, length?: number) => number
  const second = (name: string): boolean => name.startsWith('step-000000010')
  let writes = 0
  fs.writeSync = ((file: number, bytes: Uint8Array, at?: number, length?: number) => {
    if (fs.readdirSync(join(folder, 'checkpoints')).some(second)) writes += 1
    if (writes < 8) return write(file, bytes, at, length)
    write(file, bytes, 0, bytes.length >> 1)
    process.kill(process.pid, 'SIGKILL')
    return Atomics.wait(pause, 0, 0) && 0
  }) as typeof fs.writeSync
  syncBuiltinESMExports()
}

if (mode === 'die-writing') dieInTheMiddleOfAWrite()
const result = await withInterrupt((interrupt) =>
  train(run, { listeners: [metricsLog(join(folder, 'metrics.jsonl')), announce], signal: interrupt }),
)
fs.writeSync(1, `${result.status} after ${result.step}\n`)
