/** Fashion-MNIST out of its files: 70,000 pictures of clothes, 28 by 28, grey, of ten kinds (Xiao et al. 2017, arXiv:1708.07747). */

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fashionMnistMissing, imagesUnlike } from './errors.ts'
import { type Idx, readIdx } from './idx.ts'

export interface FashionImages {
  /** [count, 28, 28] */
  readonly pixels: Uint8Array
  readonly labels: Int32Array
}

/**
 * Location of Debian's package dataset-fashion-mnist; width and height in pixels; number of classes.
 *
 * @example
 * ```ts
 * import { fashionMnist } from '@hadal/images'
 *
 * fashionMnist.folder // → '/usr/share/datasets/fashion-mnist'
 * fashionMnist.classes // → 10
 * ```
 */
export const fashionMnist: { readonly folder: string; readonly side: number; readonly classes: number } = {
  folder: '/usr/share/datasets/fashion-mnist',
  side: 28,
  classes: 10,
}

/**
 * Throws `image_fashion_mnist_missing`, which explains how to install it, and `image_idx_invalid`.
 *
 * @example
 * ```ts
 * import { fashionMnist, readFashionMnist } from '@hadal/images'
 *
 * const { pixels, labels } = readFashionMnist(fashionMnist.folder, 'train') // Debian: dataset-fashion-mnist
 * console.log(labels.length) // 60000
 * ```
 */
export function readFashionMnist(folder: string, part: 'train' | 't10k'): FashionImages {
  const files = [`${part}-images-idx3-ubyte.gz`, `${part}-labels-idx1-ubyte.gz`].map((name) =>
    join(folder, name),
  )
  const missing = files.find((file) => !existsSync(file))
  if (missing !== undefined) throw fashionMnistMissing(missing)
  return fashionImages(readIdx(files[0]!), readIdx(files[1]!))
}

/**
 * Throws `image_labels_unlike`.
 *
 * @example
 * ```ts
 * import { fashionImages } from '@hadal/images'
 *
 * const images = fashionImages({ shape: [2, 28, 28], bytes: new Uint8Array(2 * 784) }, { shape: [2], bytes: new Uint8Array([3, 9]) })
 * images.labels // → Int32Array(2) [ 3, 9 ]
 * ```
 */
export function fashionImages(images: Idx, labels: Idx): FashionImages {
  const { side } = fashionMnist
  const [count] = labels.shape
  if (String(images.shape) !== String([count, side, side]) || labels.shape.length !== 1)
    throw imagesUnlike(images.shape, labels.shape)
  return { pixels: images.bytes, labels: Int32Array.from(labels.bytes) }
}

/**
 * From `start` up to `end`.
 *
 * @example
 * ```ts
 * import { someFashionImages } from '@hadal/images'
 *
 * const all = { pixels: new Uint8Array(3 * 784), labels: new Int32Array([1, 2, 3]) }
 * someFashionImages(all, 1, 3).labels // → Int32Array(2) [ 2, 3 ]
 * ```
 */
export function someFashionImages(
  { pixels, labels }: FashionImages,
  start: number,
  end: number,
): FashionImages {
  const numbers = fashionMnist.side ** 2
  return { pixels: pixels.subarray(start * numbers, end * numbers), labels: labels.subarray(start, end) }
}
