/**
 * Executes the streamed run in a separate process, which receives SIGNAL after step STEP: `stream-program FOLDER SIGNAL STEP
 * FILE...`.
 */

import { setNumThreads } from '@hadal/tensor'
import { train, withInterrupt } from '@hadal/train'
import { streamRun } from './stream-run.ts'

const [folder, signal, step, ...files] = process.argv.slice(2) as [
  string,
  NodeJS.Signals,
  string,
  ...string[],
]
setNumThreads(1)
await withInterrupt((interrupt) =>
  train(streamRun(folder, files), {
    signal: interrupt,
    listeners: [
      (event) => {
        if (event.type === 'step' && event.step === Number(step)) process.kill(process.pid, signal)
      },
    ],
  }),
)
