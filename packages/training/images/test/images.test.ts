import {
  clipNormalization,
  type DecodeOptions,
  decodeAll,
  decodeImage,
  encodeWebp,
  isImageError,
  toPlanes,
} from '@hadal/images'
import { expect, it } from 'vitest'

const options: DecodeOptions = { width: 8, height: 8 }
const drawing = (colour: string) =>
  Buffer.from(
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"><rect width="1" height="1" fill="${colour}"/></svg>`,
  )

it('brings images to planes of numbers as CLIP takes them', async () => {
  const images = await Promise.all(
    ['#ff0000', '#0080ff'].map((colour) => decodeImage(drawing(colour), options)),
  )
  const planes = toPlanes(images, clipNormalization)
  expect(planes).toHaveLength(2 * 3 * 64)
  const { mean, std } = clipNormalization
  expect(planes[0]).toBeCloseTo((1 - mean[0]) / std[0], 5)
  expect(planes[64]).toBeCloseTo((0 - mean[1]) / std[1], 5)
  expect(planes[3 * 64 + 64]).toBeCloseTo((128 / 255 - mean[1]) / std[1], 5)
  expect(toPlanes([], clipNormalization)).toHaveLength(0)
  const other = await decodeImage(drawing('#fff'), { width: 4, height: 8 })
  expect(() => toPlanes([images[0]!, other], clipNormalization)).toThrow(
    expect.objectContaining({ code: 'image_option_invalid' }),
  )
})

it('decodes many images and returns errors alongside results, in order', async () => {
  const sources = Array.from({ length: 40 }, (_, index) =>
    index % 10 === 3 ? Buffer.from('damaged') : drawing('#fff'),
  )
  const results = await decodeAll(sources, (source, index) =>
    decodeImage(source, { ...options, name: `image ${index}` }),
  )
  expect(results.flatMap((result, index) => (isImageError(result) ? [index] : []))).toEqual([3, 13, 23, 33])
  expect(results[13]).toMatchObject({ code: 'image_invalid', message: expect.stringContaining('image 13') })
})

it('ends at what is not about one image', async () => {
  let begun = 0
  const failing = decodeAll(Array.from({ length: 100 }), async () => {
    begun++
    throw new Error('out of disk')
  })
  await expect(failing).rejects.toThrow('out of disk')
  expect(begun).toBeLessThan(10)
})

it('writes what it decoded as a small file that it reads again', async () => {
  const bytes = await encodeWebp(await decodeImage(drawing('#ff0000'), options))
  const again = await decodeImage(bytes, options)
  expect(again.data[0]).toBeGreaterThan(240)
})
