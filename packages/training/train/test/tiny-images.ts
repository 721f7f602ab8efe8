/** A run of an image classifier small enough for tests: bright quarters of pictures of 8 by 8, four classes. */

import type { ImageClassifierConfig, ImageModelConfig, ResNetConfig } from '@hadal/nn'
import { defineRun, type LabelledImages, type Run, type RunOptions } from '@hadal/train'

/** Class k is bright in quarter k; the rest is noise, another for each picture. */
export function quarters(count: number, first: number): LabelledImages {
  const pixels = new Uint8Array(count * 64)
  const labels = Int32Array.from({ length: count }, (_, index) => (first + index) % 4)
  for (let at = 0; at < pixels.length; at += 1) {
    const [row, column] = [Math.floor((at % 64) / 8), at % 8]
    const quarter = (row < 4 ? 0 : 2) + (column < 4 ? 0 : 1)
    const bright = quarter === labels[Math.floor(at / 64)]
    pixels[at] = (bright ? 150 : 60) + (((at + first) * 7919) % 97)
  }
  return { shape: [1, 8, 8], pixels, labels, normalization: { mean: 0.4, std: [0.25] } }
}

export const smallNetwork: ImageClassifierConfig = {
  model_type: 'image_classifier',
  input: { channels: 1, height: 8, width: 8 },
  layers: [
    { kind: 'conv', channels: 4, kernel: 3, padding: 1 },
    { kind: 'group-norm', groups: 2 },
    { kind: 'tanh' },
    { kind: 'max-pool', kernel: 2 },
    { kind: 'linear', width: 16 },
    { kind: 'relu' },
  ],
  classes: 4,
}

/** One block in each stage. */
export const smallResNet: ResNetConfig = {
  model_type: 'resnet',
  block: 'basic',
  blocks: [1, 1, 1, 1],
  width: 4,
  input: { channels: 1, height: 8, width: 8 },
  classes: 4,
  stem: { kernel: 3, stride: 1, pool: false },
}

export const imageOptions = <Model extends ImageModelConfig = ImageClassifierConfig>(
  folder: string,
  model: Model = smallNetwork as ImageModelConfig as Model,
): RunOptions<Model> => ({
  name: 'tiny-images',
  folder,
  model,
  data: { train: quarters(64, 0), valid: quarters(20, 1000) },
  batch: { windows: 8, accumulate: 1 },
  schedule: { peak: 0.02, warmupSteps: 2, totalSteps: 24, floorFraction: 0.1 },
  evaluate: { everySteps: 12 },
  checkpoint: { everySteps: 5, keep: 2 },
})

export const imageRun = (folder: string, model: ImageModelConfig = smallNetwork): Run<ImageModelConfig> =>
  defineRun(imageOptions(folder, model))
