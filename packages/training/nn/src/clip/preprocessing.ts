/** Preprocessing of pixels for an image encoder, and its form in both layouts. Decodes nothing; needs no libtorch. */

import { ConfigReader } from '../config-reader.ts'

type Channels = readonly [red: number, green: number, blue: number]

export interface ClipPreprocessing {
  /** Per channel, for values from 0 to 1: (value − mean) / std. */
  readonly mean: Channels
  readonly std: Channels
  /** The shorter side to the size and the middle kept, both sides to it, or the longer side with a border. */
  readonly fit: 'crop' | 'stretch' | 'pad'
}

/**
 * CLIP's own preprocessing.
 *
 * @example
 * ```ts
 * import { clipPreprocessing } from '@hadal/nn'
 *
 * clipPreprocessing.fit // → 'crop'
 * ```
 */
export const clipPreprocessing: ClipPreprocessing = {
  mean: [0.48145466, 0.4578275, 0.40821073],
  std: [0.26862954, 0.26130258, 0.27577711],
  fit: 'crop',
}

/** Takes a preprocessor_config.json, absent or parsed; issues are added to `issues`. */
export function readPreprocessing(json: unknown, issues: string[]): ClipPreprocessing {
  if (json === undefined) return clipPreprocessing
  const read = new ConfigReader(json, 'preprocessor_config.json')
  const { mean, std } = {
    mean: channels(read, 'image_mean', clipPreprocessing.mean),
    std: channels(read, 'image_std', clipPreprocessing.std),
  }
  read.only('do_normalize', true)
  read.only('do_rescale', true)
  const size = read.raw('size')
  const both = typeof size === 'object' && size !== null && 'height' in size
  issues.push(...read.issues)
  return { mean, std, fit: both && read.raw('do_center_crop') !== true ? 'stretch' : 'crop' }
}

/** Takes `preprocess_cfg` of an open_clip_config.json. */
export function readOpenClipPreprocessing(json: unknown, issues: string[]): ClipPreprocessing {
  if (json === undefined) return clipPreprocessing
  const read = new ConfigReader(json, 'preprocess_cfg')
  const mode = read.oneOf('resize_mode', ['shortest', 'longest', 'squash'], 'shortest')
  const made = {
    mean: channels(read, 'mean', clipPreprocessing.mean),
    std: channels(read, 'std', clipPreprocessing.std),
    fit: ({ shortest: 'crop', longest: 'pad', squash: 'stretch' } as const)[mode],
  }
  issues.push(...read.issues)
  return made
}

function channels(read: ConfigReader, key: string, absent: Channels): Channels {
  const value = read.raw(key)
  if (value === undefined) return absent
  if (Array.isArray(value) && value.length === 3 && value.every((each) => Number.isFinite(each)))
    return value as unknown as Channels
  read.issues.push(`${key} is ${JSON.stringify(value)}; it must be three numbers`)
  return absent
}

/** The contents of a preprocessor_config.json. A border cannot be expressed there. */
export function preprocessorJson({ mean, std, fit }: ClipPreprocessing, size: number): object {
  const square = { height: size, width: size }
  return {
    image_processor_type: 'CLIPImageProcessor',
    do_convert_rgb: true,
    do_resize: true,
    resample: 3,
    size: fit === 'stretch' ? square : { shortest_edge: size },
    do_center_crop: fit !== 'stretch',
    crop_size: square,
    do_rescale: true,
    rescale_factor: 1 / 255,
    do_normalize: true,
    image_mean: mean,
    image_std: std,
  }
}

/** `preprocess_cfg` of an open_clip_config.json. */
export const openClipPreprocessing = ({ mean, std, fit }: ClipPreprocessing): object => ({
  mean,
  std,
  interpolation: 'bicubic',
  resize_mode: { crop: 'shortest', pad: 'longest', stretch: 'squash' }[fit],
})
