import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { writeSafetensors } from '@hadal/formats'
import {
  createImageModel,
  FakeQuantization,
  type ImageModelConfig,
  initializeImageModel,
  saveOptimizer,
} from '@hadal/nn'
import { manualSeed, noGrad, scope, setNumThreads, type Tensor, torch } from '@hadal/tensor'
import { afterAll, describe, expect, it } from 'vitest'
import { toHost } from '../../weights.ts'
import { calibrate, calibrationSchemes } from './calibrate.ts'
import {
  type ImageModelFile,
  isImageModelFolder,
  readImageModel,
  saveImageModel,
} from './image-model-file.ts'
import { openImageModelFile } from './open-image-model-file.ts'

setNumThreads(1)
const folder = mkdtempSync(join(tmpdir(), 'hadal-image-model-'))
afterAll(() => rmSync(folder, { recursive: true }))

const config: ImageModelConfig = {
  model_type: 'image_classifier',
  input: { channels: 1, height: 6, width: 6 },
  layers: [{ kind: 'conv', channels: 3, kernel: 3 }, { kind: 'batch-norm' }, { kind: 'relu' }],
  classes: 2,
}
const samples = {
  shape: [1, 6, 6],
  pixels: Uint8Array.from({ length: 100 * 36 }, (_, at) => (at * 37) % 256),
  labels: Int32Array.from({ length: 100 }, (_, at) => at % 2),
}
function file(more: Partial<ImageModelFile> = {}): ImageModelFile {
  manualSeed(1)
  const model = createImageModel(config)
  initializeImageModel(model)
  return {
    config,
    weights: toHost(model.state()),
    normalization: { mean: 0.5, std: [0.25] },
    classNames: ['a', 'b'],
    calibration: samples,
    heldOut: { ...samples, pixels: Float32Array.from(samples.pixels, (value) => value / 255) },
    ...more,
  }
}
const invalid = (what: string): unknown =>
  expect.objectContaining({ code: 'train_image_model_invalid', message: expect.stringContaining(what) })
const logits = (forward: (x: Tensor) => Tensor, x: Tensor): Float32Array =>
  noGrad(() => scope(() => forward(x).toTypedArray() as Float32Array))

describe('the folder of an image model', () => {
  it('has back what was saved', () => {
    scope(() => {
      const path = join(folder, 'whole')
      const whole = file()
      saveImageModel(path, whole)
      expect(readImageModel(path)).toEqual(whole)
      expect(isImageModelFolder(path)).toBe(true)
      expect(isImageModelFolder(folder)).toBe(false)
      const { calibration: _, heldOut: __, normalization: ___, classNames: ____, ...bare } = whole
      saveImageModel(path, bare)
      expect(readImageModel(path)).toEqual(bare)
    })
  })

  it('computes again what it computed, with the ranges that it learnt', () => {
    scope(() => {
      const path = join(folder, 'learnt')
      const plain = file()
      const { model, batches } = openImageModelFile(plain)
      const quantization = calibrate(model, batches(samples), { observer: 'moving-average' })
      const x = torch.rand([5, 1, 6, 6])
      const wanted = logits((each) => model.forward(each), x)
      const state = saveOptimizer({ state: () => quantization.state() })
      const options = calibrationSchemes({ observer: 'moving-average' })
      saveImageModel(path, { ...plain, quantization: { options, state } })
      const read = readImageModel(path)
      const opened = openImageModelFile(read)
      expect(logits((each) => opened.model.forward(each), x)).toEqual(wanted)
      expect(opened.quantization!.parameters()).toEqual(quantization.parameters())
      const { quantization: learnt, ...unlearnt } = read
      const again = openImageModelFile(unlearnt, { observer: 'moving-average' })
      expect(again.quantization).toBeInstanceOf(FakeQuantization)
      expect(logits((each) => again.model.forward(each), x)).toEqual(wanted)
      const part = new Map([...learnt!.state].slice(1))
      expect(() => openImageModelFile({ ...read, quantization: { ...learnt!, state: part } })).toThrow(
        invalid('the learnt quantisation: head.weight.max is missing or has another shape'),
      )
    })
  })

  it('reads samples in batches as a run does, and calibrates with the given number', () => {
    scope(() => {
      const { batches } = openImageModelFile(file())
      const shapes = Array.from(batches(samples, 70), ({ shape }) => [...shape])
      expect(shapes).toEqual([
        [64, 1, 6, 6],
        [6, 1, 6, 6],
      ])
      const [first] = Array.from(batches(samples, 1), (batch) => batch.toTypedArray() as Float32Array)
      expect(first![1]).toBeCloseTo((37 / 255 - 0.5) / 0.25, 5)
      const few = openImageModelFile(file(), { calibrationRows: 1 }).quantization!.parameters()
      const all = openImageModelFile(file(), {}).quantization!.parameters()
      expect(few).not.toEqual(all)
      const { calibration: _, ...without } = file()
      expect(() => openImageModelFile(without, {})).toThrow(
        expect.objectContaining({ code: 'train_calibration_empty' }),
      )
    })
  })

  it('is no model until all of it is written', () => {
    scope(() => {
      const path = join(folder, 'half')
      mkdirSync(join(path, 'samples.safetensors/in-the-way'), { recursive: true })
      expect(() => saveImageModel(path, file())).toThrow(
        expect.objectContaining({ code: 'tensor_file_unwritable' }),
      )
      expect(isImageModelFolder(path)).toBe(false)
    })
  })

  it('is refused where it contradicts itself', () => {
    scope(() => {
      const path = join(folder, 'broken')
      const whole = file()
      const { weights } = whole
      expect(() => saveImageModel(path, { ...whole, weights: new Map([...weights].slice(1)) })).toThrow(
        expect.objectContaining({ code: 'train_export_mismatch' }),
      )
      mkdirSync(path, { recursive: true })
      expect(() => readImageModel(path)).toThrow(invalid('config.json'))
      saveImageModel(path, whole)
      const written = JSON.parse(readFileSync(join(path, 'config.json'), 'utf8'))
      const change = (more: object): void =>
        writeFileSync(join(path, 'config.json'), JSON.stringify({ ...written, ...more }))
      change({ model_type: 'llama' })
      expect(() => readImageModel(path)).toThrow(invalid('neither image_classifier nor resnet'))
      change({ classes: 1 })
      expect(() => readImageModel(path)).toThrow(invalid('classes is 1'))
      change({ classes: 3, class_names: ['a', 'b', 'c'] })
      expect(() => readImageModel(path)).toThrow(invalid('head.weight'))
      change({ class_names: ['a'] })
      expect(() => readImageModel(path)).toThrow(invalid('class_names has 1 names; the model has 2'))
      change({ normalization: 5 })
      expect(() => readImageModel(path)).toThrow(invalid('normalization is 5'))
      change({ normalization: { mean: 0, std: [1, 2] } })
      expect(() => readImageModel(path)).toThrow(invalid('normalization.std has 2 numbers'))
      change({ quantization: 'int8' })
      expect(() => readImageModel(path)).toThrow(invalid('quantization is "int8"'))
      expect(() => saveImageModel(path, { ...whole, classNames: ['a', 'b', 'c'] })).toThrow(
        invalid('class_names has 3 names'),
      )
      change({ layers: [{ kind: 'conv', channels: 3, kernel: 3 }, { kind: 'batch-norm' }, { kind: 'tanh' }] })
      expect(readImageModel(path).config).not.toEqual(config)
      change({})
      writeSafetensors(join(path, 'samples.safetensors'), [
        { name: 'calibration.pixels', shape: [2, 36], type: 'U8', data: new Uint8Array(72) },
        { name: 'calibration.labels', shape: [2], type: 'I32', data: new Int32Array(2) },
      ])
      expect(() => readImageModel(path)).toThrow(
        invalid('samples of shape [2,36]; the model expects [1,6,6]'),
      )
      const labels = { name: 'calibration.labels', shape: [2], type: 'I32' as const, data: new Int32Array(2) }
      writeSafetensors(join(path, 'samples.safetensors'), [
        { name: 'calibration.pixels', shape: [2, 1, 6, 6], type: 'I32', data: new Int32Array(72) },
        labels,
      ])
      expect(() => readImageModel(path)).toThrow(invalid('pixels of type I32'))
      writeSafetensors(join(path, 'model.safetensors'), [
        { name: 'head.weight', shape: [1], type: 'F16', data: new Float32Array(1) },
      ])
      expect(() => readImageModel(path)).toThrow(invalid('head.weight must be F32, got F16'))
    })
  })
})
