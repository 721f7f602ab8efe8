/**
 * One rank of distributed runs: `rank TASKS`, a JSON list executed in order, with its rank in the environment as torchrun sets it. Prints
 * one JSON result per line.
 */

import { setNumThreads } from '@hadal/tensor'
import { openMesh, readRankEnvironment } from '@hadal/train'
import { type DividedTask, runOf } from './cases.ts'
import { trainRun } from './train-run.ts'

setNumThreads(1)
const place = readRankEnvironment(process.env)!
for (const task of JSON.parse(process.argv[2]!) as DividedTask[]) {
  const run = runOf(task, true)
  const mesh = await openMesh(run, { ...place, masterPort: task.port })
  const { losses, peakBytes } = await trainRun(run, mesh)
  mesh.close()
  process.stdout.write(`${JSON.stringify({ losses, peakBytes })}\n`)
}
process.exit()
