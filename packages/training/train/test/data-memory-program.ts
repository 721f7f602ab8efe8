/**
 * One rank of runs with increasing ZeRO stages: `data-memory-program.ts FOLDER PORTS`, with RANK, WORLD_SIZE and MASTER_ADDR in the
 * environment. Prints libtorch's memory between two steps and at the peak, in bytes of fp32 parameters.
 */

import { modelParameterCount } from '@hadal/nn'
import { memory, setNumThreads } from '@hadal/tensor'
import { defineRun, openMesh, readRankEnvironment, train } from '@hadal/train'
import { collected } from '../../tensor/test/collected.ts'
import { tinyOptions } from './tiny-run.ts'

setNumThreads(1)
const place = readRankEnvironment(process.env)!
const ports = JSON.parse(process.argv[3]!) as number[]
const options = tinyOptions('')
const model = { ...options.model, hidden_size: 256, intermediate_size: 768, num_hidden_layers: 4 }
const held: { between: number; peak: number }[] = []
memory() // counts from here on
for (const zero of [0, 1, 2, 3] as const) {
  const run = defineRun({
    ...options,
    model,
    folder: `${process.argv[2]}/${zero}`,
    schedule: { peak: 1e-3, warmupSteps: 1, totalSteps: 3, floorFraction: 1 },
    guard: false,
    parallel: { zero, bucketBytes: 2 ** 20 },
  })
  const mesh = await openMesh(run, { ...place, masterPort: ports[zero]! })
  await collected()
  const before = memory().currentBytes
  const unit = 4 * modelParameterCount(model).total
  let [between, peak] = [Infinity, 0]
  await train(run, {
    mesh,
    listeners: [
      async (event) => {
        if (event.type !== 'step') return
        await collected()
        // A tensor that is not finalized yet may be counted after one of the steps.
        between = Math.min(between, (memory().currentBytes - before) / unit)
        peak = (event.memory!.peakBytes - before) / unit
      },
    ],
  })
  mesh.close()
  held.push({ between, peak })
}
process.stdout.write(`${JSON.stringify(held)}\n`)
