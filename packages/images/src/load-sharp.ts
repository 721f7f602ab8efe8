/** sharp, loaded at the first image: what never sees one pays nothing for it, and runs where it has no binary. */

import { messageOf } from '@hadal/base'
import type Sharp from 'sharp'
import { imageOptionInvalid, imagesUnavailable } from './errors.ts'

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

/** Throws image_option_invalid: a wrong colour is no fault of an image. */
export function checkColour(sharp: typeof Sharp, background: string): void {
  try {
    sharp({ create: { width: 1, height: 1, channels: 3, background } })
  } catch {
    throw imageOptionInvalid('background', background, 'a CSS colour such as #ffffff or white')
  }
}
