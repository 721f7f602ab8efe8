/** sharp, and pixel transfer. Loaded at the first image, so that programs without images run without its binary. */

import { messageOf } from '@hadal/base'
import type Sharp from 'sharp'
import type { Sharp as Pipeline } from 'sharp'
import { imageOptionInvalid, imagesUnavailable } from './errors.ts'
import type { Pixels } from './pixels.ts'

let loading: Promise<typeof Sharp> | undefined

export function loadSharp(): Promise<typeof Sharp> {
  loading ??= import('sharp').then(
    ({ default: sharp }) => {
      // It caches operations by their input; ours are buffers that never come again.
      sharp.cache(false)
      return sharp
    },
    (error: unknown) => {
      throw imagesUnavailable(messageOf(error).split('\n')[0]!).with({ cause: error })
    },
  )
  return loading
}

/** Throws image_option_invalid: a wrong colour is not an image error. */
export function checkColour(sharp: typeof Sharp, background: string): void {
  try {
    sharp({ create: { width: 1, height: 1, channels: 3, background } })
  } catch {
    throw imageOptionInvalid('background', background, 'a CSS colour such as #ffffff or white')
  }
}

export const openPixels = (sharp: typeof Sharp, { data, width, height }: Pixels): Pipeline =>
  sharp(data, { raw: { width, height, channels: 3 } })

export async function toPixels(pipeline: Pipeline): Promise<Pixels> {
  const { data, info } = await pipeline.raw({ depth: 'uchar' }).toBuffer({ resolveWithObject: true })
  if (info.channels !== 3) throw new Error(`${info.channels} channels instead of red, green and blue`)
  return { data, width: info.width, height: info.height }
}
