import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ImageClassifierConfig } from '@hadal/nn'
import { setNumThreads } from '@hadal/tensor'
import { afterAll, describe, expect, it } from 'vitest'
import { bestCheckpoint, bestWeights, newestWeights } from '../../checkpoint-store.ts'
import type { TrainListener } from '../../events.ts'
import type { LabelledImages } from '../../image-data/labelled-images.ts'
import { defineRun, type Run, type RunOptions } from '../../run.ts'
import { train } from '../../train.ts'
import { readImageModel } from './image-model-file.ts'
import { saveImageRun } from './save-image-run.ts'

setNumThreads(1)
const folder = mkdtempSync(join(tmpdir(), 'hadal-save-image-run-'))
afterAll(() => rmSync(folder, { recursive: true }))

const data = (count: number): LabelledImages => ({
  shape: [2],
  pixels: Float32Array.from({ length: 2 * count }, (_, at) => Math.floor(at / 2)),
  labels: Int32Array.from({ length: count }, (_, at) => at % 2),
  normalization: { mean: 5, std: 5 },
})
const options = (name: string): RunOptions<ImageClassifierConfig> => ({
  name,
  folder: join(folder, name),
  model: { model_type: 'image_classifier', input: { features: 2 }, layers: [], classes: 2 },
  data: { train: data(10), valid: data(4) },
  batch: { windows: 2, accumulate: 1 },
  schedule: { peak: 0.1, warmupSteps: 1, totalSteps: 6, floorFraction: 1 },
  evaluate: { everySteps: 6 },
  checkpoint: { everySteps: 6, keep: 1 },
})
async function trained(more: Partial<RunOptions<ImageClassifierConfig>> = {}, name = 'a'): Promise<Run> {
  const run = defineRun({ ...options(name), ...more })
  await train(run, { listeners: [] })
  return run
}

describe('what an image run leaves', () => {
  it('is its newest weights, its preprocessing, and rows from its first to its last', async () => {
    const run = await trained()
    expect(saveImageRun(run, { calibrationRows: 5, heldOutRows: 100, classNames: ['a', 'b'] })).toBe(
      join(folder, 'a/model'),
    )
    const file = readImageModel(join(folder, 'a/model'))
    expect(file).toMatchObject({ normalization: { mean: 5, std: 5 }, classNames: ['a', 'b'] })
    expect([...file.weights]).toEqual([...newestWeights(run.folder)])
    expect(file.quantization).toBeUndefined()
    expect([...file.calibration!.pixels]).toEqual([0, 0, 2, 2, 4, 4, 6, 6, 8, 8])
    expect([...file.heldOut!.labels]).toEqual([0, 1, 0, 1])
    saveImageRun(run, { calibrationRows: 0, heldOutRows: 0 })
    const bare = readImageModel(join(folder, 'a/model'))
    expect([bare.calibration, bare.heldOut, bare.classNames]).toEqual([undefined, undefined, undefined])
  })

  it('has no rows of a private run unless requested', async () => {
    const run = await trained({ privacy: { epsilon: 8 } }, 'private')
    saveImageRun(run)
    const file = readImageModel(join(run.folder, 'model'))
    expect([file.calibration, file.heldOut]).toEqual([undefined, undefined])
    saveImageRun(run, { heldOutRows: 2 })
    expect(readImageModel(join(run.folder, 'model')).heldOut!.labels).toHaveLength(2)
  })

  it('has the ranges of a run that has come to quantised steps, and none of one that has not', async () => {
    const quantization = { fp32Steps: 3, halfSteps: 1 }
    const early = defineRun({ ...options('early'), quantization })
    const controller = new AbortController()
    const stop: TrainListener = ({ type }) => {
      if (type === 'step') controller.abort()
    }
    await train(early, { listeners: [stop], signal: controller.signal })
    saveImageRun(early)
    expect(readImageModel(join(early.folder, 'model')).quantization).toBeUndefined()
    const late = await trained({ quantization: { fp32Steps: 2, halfSteps: 1 } }, 'late')
    saveImageRun(late)
    const { options: how, state } = readImageModel(join(late.folder, 'model')).quantization!
    expect(how).toMatchObject({ weights: { bits: 8, granularity: 'channel' }, activations: { bits: 8 } })
    expect([...state.keys()].filter((name) => name.endsWith('scale')).sort()).toEqual([
      'head.weight.scale',
      'input.scale',
    ])
  })

  it('has weights and ranges of one checkpoint: the best, where a run keeps that', async () => {
    const more: Partial<RunOptions<ImageClassifierConfig>> = {
      quantization: { fp32Steps: 1, halfSteps: 1, freezeObserversStep: 20 },
      // The held-out labels are inverted, so each step makes held-out loss worse.
      data: {
        train: { ...data(8), labels: Int32Array.of(0, 0, 0, 0, 1, 1, 1, 1) },
        valid: { ...data(8), labels: Int32Array.of(1, 1, 1, 1, 0, 0, 0, 0) },
      },
      evaluate: { everySteps: 1 },
      checkpoint: { everySteps: 1, keep: 1, best: 1 },
    }
    const run = await trained(more, 'best')
    saveImageRun(run)
    const file = readImageModel(join(run.folder, 'model'))
    const best = bestCheckpoint(run.folder)!
    expect([...file.weights]).toEqual([...bestWeights(run.folder)])
    expect([...file.weights]).not.toEqual([...newestWeights(run.folder)])
    for (const [name, { bytes }] of file.quantization!.state)
      expect(bytes, name).toEqual(best.precision.get(`quantization.${name}`)!.bytes)
    expect(best.state.step).toBeLessThan(6)
  })

  it('is nothing where a run trains an adapter, or something else', async () => {
    const refused = (what: string): unknown =>
      expect.objectContaining({ code: 'train_onnx_unsupported', message: expect.stringContaining(what) })
    const run = defineRun(options('b'))
    expect(() => saveImageRun({ ...run, adapter: { rank: 1 } } as never)).toThrow(
      refused('it trains an adapter'),
    )
    const other = { ...run, data: { train: { inputs: [] }, valid: { inputs: [] } } }
    expect(() => saveImageRun(other as never)).toThrow(refused('it is not an image classifier'))
  })
})
