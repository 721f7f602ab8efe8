/** A dual encoder run small enough for tests: each image has one of twelve colours, and the captions name it. */

import type { ClipConfig } from '@hadal/nn'
import { defineRun, type ImageTextPairs, type Run, type RunOptions } from '@hadal/train'

export const tinyClip: ClipConfig = {
  model_type: 'clip',
  text_config: {
    vocab_size: 40,
    hidden_size: 16,
    intermediate_size: 32,
    num_hidden_layers: 2,
    num_attention_heads: 2,
    max_position_embeddings: 6,
    hidden_act: 'quick_gelu',
    layer_norm_eps: 1e-5,
    eos_token_id: 1,
  },
  vision_config: {
    hidden_size: 16,
    intermediate_size: 32,
    num_hidden_layers: 2,
    num_attention_heads: 2,
    image_size: 8,
    patch_size: 4,
    hidden_act: 'quick_gelu',
    layer_norm_eps: 1e-5,
  },
  projection_dim: 8,
  logit_scale_init_value: Math.log(1 / 0.07),
}

/** Image i has its own colour and two captions; 0 begins and 1 ends each. `draw` makes it slightly lighter or darker. */
export function colours(count: number, first = 0): ImageTextPairs {
  const colour = (image: number): number[] =>
    [3, 5, 7].map((prime) => (((first + image) * prime) % 13) / 6.5 - 1)
  const word = (image: number): number => 2 + ((first + image) % 36)
  return {
    imageSize: 8,
    captions: Array.from({ length: count }, (_, image) => [
      [0, word(image), 1],
      [0, 39, word(image), 38, 1],
    ]),
    padding: 1,
    fingerprint: `colours ${count} ${first}`,
    load: (images, draw) => {
      const pixels = new Float32Array(images.length * 192)
      images.forEach((image, place) => {
        const lighter = draw ? ((draw.turn * 31 + draw.seed * 17 + image) % 10) / 50 : 0
        colour(image).forEach((value, channel) => {
          const start = (place * 3 + channel) * 64
          pixels.fill(value + lighter, start, start + 64)
        })
      })
      return pixels
    },
  }
}

export const towerOptions = (
  folder: string,
  change: Partial<RunOptions<ClipConfig>> = {},
): RunOptions<ClipConfig> => ({
  name: 'tiny-towers',
  folder,
  model: tinyClip,
  data: { train: colours(12), valid: colours(12) },
  batch: { windows: 6, accumulate: 1 },
  schedule: { peak: 0.01, warmupSteps: 2, totalSteps: 24, floorFraction: 0.1 },
  evaluate: { everySteps: 12 },
  checkpoint: { everySteps: 5, keep: 2 },
  ...change,
})

export const towerRun = (folder: string, change?: Partial<RunOptions<ClipConfig>>): Run<ClipConfig> =>
  defineRun(towerOptions(folder, change))
