/**
 * Carries out a run of two towers in a process of its own, for tests that end it: `tower-program.ts FOLDER`. Says each step and each
 * checkpoint on stdout.
 */

import fs from 'node:fs'
import { join } from 'node:path'
import { setNumThreads } from '@hadal/tensor'
import { metricsLog, type TrainListener, train } from '@hadal/train'
import { towerRun } from './tiny-towers.ts'

const [folder] = process.argv.slice(2) as [string]
setNumThreads(1)
const run = towerRun(folder, {
  objective: { kind: 'contrastive', textWeight: 0.7, imageWeight: 0.3, captionsPerImage: 2 },
  rates: { text: 0.01, image: 0.005 },
  batch: { windows: 6, accumulate: 1, cacheRows: 4 },
  average: { decay: 0.8 },
})
const announce: TrainListener = (event) => {
  if (event.type === 'step' || event.type === 'checkpoint') fs.writeSync(1, `${event.type} ${event.step}\n`)
}
await train(run, { listeners: [metricsLog(join(folder, 'metrics.jsonl')), announce] })
