// Fashion-MNIST out of its files: 70,000 pictures of clothes, 28 by 28, grey, of ten kinds (Xiao et al. 2017, arXiv:1708.07747).

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { type Idx, readIdx } from './idx.ts'

export interface Images {
  /** [count, 28, 28] */
  readonly pixels: Uint8Array
  readonly labels: Int32Array
}

export const classes = 10
export const side = 28
/** Debian's package; throws an Error that says how to get it where it is not there. */
export function readImages(folder: string, part: 'train' | 't10k'): Images {
  const files = [`${part}-images-idx3-ubyte.gz`, `${part}-labels-idx1-ubyte.gz`].map((name) =>
    join(folder, name),
  )
  const missing = files.find((file) => !existsSync(file))
  if (missing !== undefined)
    throw new Error(
      `${missing} is not there: apt-get install dataset-fashion-mnist, or name the folder: -- --data <folder>`,
    )
  return imagesOf(readIdx(files[0]!), readIdx(files[1]!))
}

export function imagesOf(images: Idx, labels: Idx): Images {
  const [count] = labels.shape
  if (String(images.shape) !== String([count, side, side]) || labels.shape.length !== 1)
    throw new Error(`images of [${images.shape}] do not go with labels of [${labels.shape}]`)
  return { pixels: images.bytes, labels: Int32Array.from(labels.bytes) }
}

export function someOf({ pixels, labels }: Images, start: number, end: number): Images {
  return {
    pixels: pixels.subarray(start * side ** 2, end * side ** 2),
    labels: labels.subarray(start, end),
  }
}
