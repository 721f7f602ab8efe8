import { resNetConfig } from '@hadal/nn'
import { memory, resetPeakMemory, scope, setNumThreads } from '@hadal/tensor'
import { expect, it } from 'vitest'
import { defineRun, type RunOptions } from '../run.ts'
import { planRun } from '../run-plan.ts'
import { Session } from '../session.ts'
import { trainStep } from '../train-step.ts'

setNumThreads(1)

const side = 32
const rows = 24
const images = {
  shape: [3, side, side],
  pixels: new Uint8Array(rows * 3 * side ** 2).map((_, at) => at % 251),
  labels: new Int32Array(rows).map((_, at) => at % 10),
}
const input = { channels: 3, height: side, width: side }

it.each<[string, 18 | 50, object, object]>([
  ['blocks of two convolutions', 18, {}, {}],
  ['in bf16', 18, {}, { precision: 'bf16' }],
  ['bottlenecks', 50, {}, {}],
  ['a stem that keeps large maps', 18, { stem: { kernel: 3, stride: 1, pool: false } }, {}],
  ['views', 18, {}, { data: { train: { ...images, augmentation: { views: 2 } }, valid: images } }],
  ['on eight bits', 18, {}, { quantization: { fp32Steps: 0, halfSteps: 0, freezeNormsStep: 9 } }],
  [
    'bottlenecks on eight bits, in bf16',
    50,
    {},
    { precision: 'bf16', quantization: { fp32Steps: 0, halfSteps: 0 } },
  ],
  ['passes that are added', 18, {}, { batch: { windows: 12, accumulate: 2 } }],
])('what a step takes is foreseen, about: %s', async (_, depth, options, change) => {
  const run = defineRun({
    name: 'memory',
    folder: 'unused',
    model: resNetConfig(depth, { input, classes: 10, width: 16, ...options }),
    data: { train: images, valid: images },
    batch: { windows: rows, accumulate: 1 },
    schedule: { peak: 1e-3, warmupSteps: 0, totalSteps: 10, floorFraction: 1 },
    evaluate: { everySteps: 10 },
    ...change,
  } as RunOptions)
  const { currentBytes } = memory()
  await scope(async () => {
    const session = new Session(run)
    trainStep(session, await session.nextBatch(), 1e-3, 1)
    resetPeakMemory()
    trainStep(session, await session.nextBatch(), 1e-3, 1)
    const found = memory().peakBytes - currentBytes
    const { phases } = planRun(run)
    const foreseen = Math.max(...Object.values(phases))
    expect(foreseen / found).toBeGreaterThan(0.85)
    expect(foreseen / found).toBeLessThan(1.25)
  })
})
