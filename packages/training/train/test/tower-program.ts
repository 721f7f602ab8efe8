/**
 * Executes a dual encoder run in a separate process: `tower-program.ts FOLDER [LAST]`. Prints each step and each checkpoint on
 * stdout, and sends itself SIGKILL after the line LAST.
 */

import fs from 'node:fs'
import { join } from 'node:path'
import { setNumThreads } from '@hadal/tensor'
import { metricsLog, type TrainListener, train } from '@hadal/train'
import { towerRun } from './tiny-towers.ts'

const [folder, last] = process.argv.slice(2) as [string, string?]
setNumThreads(1)
const run = towerRun(folder, {
  objective: { kind: 'contrastive', textWeight: 0.7, imageWeight: 0.3, captionsPerImage: 2 },
  rates: { text: 0.01, image: 0.005 },
  batch: { windows: 6, accumulate: 1, cacheRows: 4 },
  average: { decay: 0.8 },
})
const announce: TrainListener = (event) => {
  if (event.type !== 'step' && event.type !== 'checkpoint') return
  const line = `${event.type} ${event.step}`
  fs.writeSync(1, `${line}\n`)
  if (line === last) process.kill(process.pid, 'SIGKILL')
}
await train(run, { listeners: [metricsLog(join(folder, 'metrics.jsonl')), announce] })
