/** For encoders that do not accept images as small as those of `tiny-towers.ts`. */

import type { ImageTextPairs } from '@hadal/train'

/** The same colours as images of 32 by 32. */
export function larger(data: ImageTextPairs): ImageTextPairs {
  return {
    ...data,
    imageSize: 32,
    load: (images, draw) => {
      const small = data.load(images, draw) as Float32Array
      const pixels = new Float32Array(small.length * 16)
      for (let at = 0; at < pixels.length; at += 1)
        pixels[at] = small[Math.floor(at / 1024) * 64]! + (at % 7) / 20
      return pixels
    },
  }
}
