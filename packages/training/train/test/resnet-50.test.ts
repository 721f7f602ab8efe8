/** A whole ResNet-50: built, trained a step on each precision down to eight bits, and converted to ONNX of integers. */

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { encodeOnnx } from '@hadal/formats'
import { resNetConfig } from '@hadal/nn'
import { noGrad, scope, setNumThreads } from '@hadal/tensor'
import {
  defineRun,
  imageOnnx,
  openImageModelFile,
  readImageModel,
  saveImageRun,
  type TrainEvent,
  train,
} from '@hadal/train'
import { InferenceSession, Tensor as OnnxTensor } from 'onnxruntime-node'
import { afterAll, expect, it } from 'vitest'

setNumThreads(1)
const root = mkdtempSync(join(tmpdir(), 'hadal-resnet-50-'))
afterAll(() => rmSync(root, { recursive: true }))

const side = 32
const rows = 8
const images = {
  shape: [3, side, side],
  pixels: Uint8Array.from({ length: rows * 3 * side ** 2 }, (_, at) => (at * 7919 + (at >> 5) * 31) % 256),
  labels: Int32Array.from({ length: rows }, (_, at) => at),
  normalization: { mean: 0.5, std: 0.25 },
}

it('a ResNet-50 builds, trains and converts', async () => {
  const run = defineRun({
    name: 'resnet-50',
    folder: join(root, 'run'),
    model: resNetConfig(50, { input: { channels: 3, height: side, width: side }, classes: 10 }),
    data: { train: images, valid: images },
    batch: { windows: rows, accumulate: 1 },
    optimizer: { kind: 'sgd', momentum: 0 },
    guard: false,
    quantization: { fp32Steps: 1, halfSteps: 1, observeSteps: 2, observer: 'min-max' },
    schedule: { peak: 0.01, warmupSteps: 0, totalSteps: 3, floorFraction: 1 },
    evaluate: { everySteps: 3 },
    checkpoint: { everySteps: 3, keep: 1 },
  })
  const events: TrainEvent[] = []
  await train(run, { listeners: [(event) => void events.push(event)] })
  const losses = events.flatMap((event) => (event.type === 'step' ? [event.loss] : []))
  expect(losses).toHaveLength(3)
  expect(losses.every(Number.isFinite)).toBe(true)
  const file = readImageModel(saveImageRun(run))
  const { bytes, pixels, wanted } = scope(() => {
    const { model, quantization, batches } = openImageModelFile(file)
    const computed: Float32Array[] = []
    for (const batch of batches(file.heldOut!))
      for (const each of [batch, noGrad(() => model.forward(batch))])
        computed.push(each.toTypedArray() as Float32Array)
    const [pixels, wanted] = computed as [Float32Array, Float32Array]
    return {
      bytes: encodeOnnx(imageOnnx(model, { quantization: quantization!.parameters() })),
      pixels,
      wanted,
    }
  })
  // A quarter of 23.5 million numbers of 4 bytes, plus a small rest.
  expect(bytes.length / 1e6).toBeGreaterThan(23)
  expect(bytes.length / 1e6).toBeLessThan(24.5)
  const session = await InferenceSession.create(bytes, {
    intraOpNumThreads: 1,
    // Without it sums of products saturate on processors that lack an instruction for them.
    extra: { session: { x64quantprecision: '1' } },
  })
  const { logits } = await session.run({ input: new OnnxTensor('float32', pixels!, [rows, 3, side, side]) })
  const found = logits!.data as Float32Array
  const spread = Math.max(...wanted) - Math.min(...wanted)
  // Integers on the edge between two round either way, in fifty layers one after the other.
  const differences = [...found].map((value, at) => Math.abs(value - wanted[at]!))
  const mean = differences.reduce((sum, each) => sum + each, 0) / differences.length
  expect(mean / spread).toBeLessThan(0.06)
})
