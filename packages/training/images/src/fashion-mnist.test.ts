import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { fashionImages, readFashionMnist } from './fashion-mnist.ts'

it('a part of Fashion-MNIST that is not there is named, with how to get it', () => {
  const folder = mkdtempSync(join(tmpdir(), 'hadal-fashion-'))
  try {
    expect(() => readFashionMnist(folder, 't10k')).toThrow(
      expect.objectContaining({
        code: 'image_fashion_mnist_missing',
        message: expect.stringMatching(/t10k-images.*dataset-fashion-mnist/),
      }),
    )
  } finally {
    rmSync(folder, { recursive: true })
  }
})

it.each([
  [[2, 28, 28], [3]],
  [[3, 28, 27], [3]],
  [
    [3, 28, 28],
    [3, 1],
  ],
])('images of %j do not go with labels of %j', (images, labels) => {
  const filled = (shape: readonly number[]): { shape: readonly number[]; bytes: Uint8Array } => ({
    shape,
    bytes: new Uint8Array(shape.reduce((product, size) => product * size, 1)),
  })
  expect(() => fashionImages(filled(images), filled(labels))).toThrow(
    expect.objectContaining({ code: 'image_labels_unlike' }),
  )
})
