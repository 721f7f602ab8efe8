/**
 * One rank of runs whose model several ranks hold between them: `divided-run-program.ts RUNS`, a list of runs as JSON, one after
 * the other, with RANK, WORLD_SIZE, MASTER_ADDR and MASTER_PORT in the environment. Rank 0 prints the losses of each, held-out ones between them.
 */

import { setNumThreads } from '@hadal/tensor'
import { defineRun, openMesh, readRankEnvironment, train } from '@hadal/train'
import { type DividedRun, dividedRunOptions } from './divided-runs.ts'

setNumThreads(1)
const place = readRankEnvironment(process.env)
for (const each of JSON.parse(process.argv[2]!) as DividedRun[]) {
  const run = defineRun(dividedRunOptions(each))
  // Groups of one run are closed before the next makes its own.
  const mesh = await openMesh(run, place && { ...place, masterPort: each.port! })
  const losses: number[] = []
  let looks = 0
  const signal = {
    get aborted() {
      looks += 1
      return mesh.world.rank === 1 && looks >= (each.interruptAt ?? Number.POSITIVE_INFINITY)
    },
  } as AbortSignal
  await train(run, {
    mesh,
    signal,
    listeners: [
      (event, control) => {
        if (event.type === 'evaluated') losses.push(event.loss)
        if (event.type !== 'step') return
        losses.push(event.loss)
        if (event.step === each.stopAt) control.stop('asked to')
      },
    ],
  })
  mesh.close()
  if (mesh.world.rank === 0) process.stdout.write(`${JSON.stringify(losses)}\n`)
}
