/**
 * One rank of runs that several carry out: `rank TASKS`, a list as JSON, one after the other, with its place in the environment as
 * torchrun sets it. Prints what each came to for it, a JSON object a line.
 */

import { setNumThreads } from '@hadal/tensor'
import { openMesh, readRankEnvironment } from '@hadal/train'
import { carryOut } from './carry-out.ts'
import { type DividedTask, runOf } from './cases.ts'

setNumThreads(1)
const place = readRankEnvironment(process.env)!
for (const task of JSON.parse(process.argv[2]!) as DividedTask[]) {
  const run = runOf(task, true)
  const mesh = await openMesh(run, { ...place, masterPort: task.port })
  const { losses, peakBytes } = await carryOut(run, mesh)
  mesh.close()
  process.stdout.write(`${JSON.stringify({ losses, peakBytes })}\n`)
}
process.exit()
