/**
 * Executes the private run in a separate process, for tests that kill it: `private-program.ts FOLDER SECURE`. Prints each step and
 * each checkpoint on stdout, and waits to be killed after the last step.
 */

import fs from 'node:fs'
import { join } from 'node:path'
import { setNumThreads } from '@hadal/tensor'
import { metricsLog, type TrainListener, train } from '@hadal/train'
import { privateRun } from './private-run.ts'

const [folder, secure] = process.argv.slice(2) as [string, string]
setNumThreads(1)
const run = privateRun(folder, { secure: secure === 'true' })
const announce: TrainListener = async (event) => {
  if (event.type === 'step' || event.type === 'checkpoint') fs.writeSync(1, `${event.type} ${event.step}\n`)
  if (event.type === 'step' && event.step === run.schedule.totalSteps)
    await new Promise((resolve) => setInterval(resolve, 2 ** 31 - 1))
}
await train(run, { listeners: [metricsLog(join(folder, 'metrics.jsonl')), announce] })
