/** Writes the folder of a CLIP of random weights that needs no download, and pictures for it. */

import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { crc32, deflateSync } from 'node:zlib'
import {
  type ClipConfig,
  type ClipLayout,
  createClip,
  hostState,
  initializeClip,
  saveClip,
  trainBpe,
} from '@hadal/nn'
import { manualSeed, scope } from '@hadal/tensor'

const captions = [
  'a red square on a white ground',
  'a blue circle',
  'the green triangle is near the red one',
  'a picture of a cat, and of a dog',
]

export interface TinyClipOptions {
  readonly layout?: ClipLayout
  readonly vision?: ClipConfig['vision_config']
  /** The token that begins a caption. */
  readonly begin?: string
}

const layers = { intermediate_size: 48, num_hidden_layers: 2, num_attention_heads: 2, layer_norm_eps: 1e-5 }
const vit: ClipConfig['vision_config'] = {
  ...layers,
  hidden_size: 24,
  image_size: 32,
  patch_size: 8,
  hidden_act: 'quick_gelu',
}

/** Returns its configuration. */
export function writeTinyClip(
  folder: string,
  { layout, vision = vit, begin = '<|startoftext|>' }: TinyClipOptions = {},
): ClipConfig {
  mkdirSync(folder, { recursive: true })
  const specialTokens = [begin, '<|endoftext|>']
  const tokenizer = trainBpe(captions, { vocabSize: 300, specialTokens })
  const config: ClipConfig = {
    model_type: 'clip',
    projection_dim: 16,
    logit_scale_init_value: Math.log(1 / 0.07),
    text_config: {
      ...layers,
      vocab_size: tokenizer.vocabSize,
      hidden_size: 16,
      max_position_embeddings: 40,
      hidden_act: 'quick_gelu',
      eos_token_id: tokenizer.special('<|endoftext|>'),
    },
    vision_config: vision,
  }
  scope(() => {
    manualSeed(5)
    const model = createClip(config)
    initializeClip(model)
    saveClip(folder, config, hostState(model), layout === undefined ? {} : { layout })
  })
  const write = (name: string, value: unknown): void =>
    writeFileSync(join(folder, name), JSON.stringify(value))
  write('tokenizer.json', tokenizer.toHuggingFace())
  write('tokenizer_config.json', { bos_token: specialTokens[0], eos_token: specialTokens[1] })
  return config
}

type Colour = readonly [red: number, green: number, blue: number]

/** A PNG of one colour, with a square of another in it. */
export function picture(colour: Colour, square: Colour, width = 40, height = 30): Buffer {
  const rows = Array.from({ length: height }, (_, y) =>
    // Each row begins with its filter: none.
    [
      0,
      ...Array.from({ length: width }, (_, x) =>
        x > 3 && x < 16 && y > 5 && y < 18 ? square : colour,
      ).flat(),
    ],
  )
  return png(width, height, deflateSync(Uint8Array.from(rows.flat())))
}

/** 8 bits of red, green and blue (RFC 2083). */
export function png(width: number, height: number, data: Uint8Array): Buffer {
  const size = Buffer.alloc(13)
  size.writeUInt32BE(width, 0)
  size.writeUInt32BE(height, 4)
  size.set([8, 2, 0, 0, 0], 8)
  const signature = Buffer.from('89504e470d0a1a0a', 'hex')
  return Buffer.concat([signature, chunk('IHDR', size), chunk('IDAT', data), chunk('IEND', Buffer.alloc(0))])
}

function chunk(type: string, data: Uint8Array): Buffer {
  const named = Buffer.concat([Buffer.from(type, 'latin1'), data])
  const [length, check] = [Buffer.alloc(4), Buffer.alloc(4)]
  length.writeUInt32BE(data.length)
  check.writeUInt32BE(crc32(named))
  return Buffer.concat([length, named, check])
}

export const dataUrl = (bytes: Buffer, type = 'image/png'): string =>
  `data:${type};base64,${bytes.toString('base64')}`
