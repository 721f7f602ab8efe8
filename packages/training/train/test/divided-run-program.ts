/**
 * One rank of model-parallel runs, with RANK, WORLD_SIZE, MASTER_ADDR and MASTER_PORT in the environment. Each message is a list of
 * runs, trained in order. The reply has the losses of each, with evaluation losses in between. Exits with its parent.
 */

import { setNumThreads } from '@hadal/tensor'
import { defineRun, openMesh, readRankEnvironment, train } from '@hadal/train'
import { type DividedRun, dividedRunOptions } from './divided-runs.ts'

setNumThreads(1)
const place = readRankEnvironment(process.env)
process.on('message', async (runs: readonly DividedRun[]) => {
  const losses: number[][] = []
  for (const each of runs) losses.push(await lossesOf(each))
  process.send!(losses)
})

async function lossesOf(each: DividedRun): Promise<number[]> {
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
  return losses
}
