import fc from 'fast-check'
import { expect, it } from 'vitest'
import { type AugmentationRecipe, checkAugmentation, drawAugmentation, partOfImage } from './augmentation.ts'

const all: AugmentationRecipe = {
  crop: { minArea: 0.5, maxAspect: 1.5 },
  flip: 0.5,
  rotation: 10,
  brightness: 0.2,
  contrast: 0.3,
  saturation: 0.4,
  hue: 15,
}
const place = fc.tuple(fc.nat({ max: 2 ** 40 }), fc.nat(), fc.nat())
const size = fc.record({
  width: fc.integer({ min: 1, max: 3000 }),
  height: fc.integer({ min: 1, max: 3000 }),
})

it('draws within the recipe, and the same for the same seed, epoch and index', () => {
  fc.assert(
    fc.property(place, ([seed, epoch, index]) => {
      const drawn = drawAugmentation(all, seed, epoch, index)
      expect(drawAugmentation(all, seed, epoch, index)).toEqual(drawn)
      expect(drawn.area).toBeGreaterThanOrEqual(0.5)
      expect(drawn.area).toBeLessThanOrEqual(1)
      expect(Math.abs(Math.log(drawn.aspect))).toBeLessThanOrEqual(Math.log(1.5) + 1e-12)
      expect(Math.abs(drawn.rotation)).toBeLessThanOrEqual(10)
      expect(Math.abs(drawn.contrast - 1)).toBeLessThanOrEqual(0.3)
      expect(Math.abs(drawn.hue)).toBeLessThanOrEqual(15)
    }),
  )
})

it('draws otherwise in each epoch, for each image and with each seed, even past 32 bits', () => {
  const drawn = [
    [0, 0, 0],
    [1, 0, 0],
    [2 ** 32, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ].map(([seed, epoch, index]) => drawAugmentation(all, seed!, epoch!, index!).area)
  expect(new Set(drawn).size).toBe(drawn.length)
})

it('draws evenly', () => {
  const drawn = Array.from({ length: 4000 }, (_, index) => drawAugmentation(all, 7, 0, index))
  const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length
  expect(mean(drawn.map(({ area }) => area))).toBeCloseTo(0.75, 1)
  expect(mean(drawn.map(({ flip }) => Number(flip)))).toBeCloseTo(0.5, 1)
  expect(mean(drawn.map(({ across }) => across))).toBeCloseTo(0.5, 1)
  expect(mean(drawn.map(({ rotation }) => rotation))).toBeCloseTo(0, 0)
})

it('changes nothing where the recipe says nothing, and one part without the others', () => {
  expect(drawAugmentation({}, 1, 2, 3)).toMatchObject({
    area: 1,
    aspect: 1,
    flip: false,
    rotation: 0,
    contrast: 1,
    hue: 0,
  })
  const { rotation, ...rest } = drawAugmentation({ ...all, rotation: 0 }, 1, 2, 3)
  expect(rotation).toBeCloseTo(0)
  expect(drawAugmentation(all, 1, 2, 3)).toMatchObject(rest)
})

it('keeps a part that lies in the image', () => {
  fc.assert(
    fc.property(size, size, place, (image, wanted, [seed, epoch, index]) => {
      const part = partOfImage(image, wanted, drawAugmentation(all, seed, epoch, index))
      expect(part.width).toBeGreaterThanOrEqual(1)
      expect(part.height).toBeGreaterThanOrEqual(1)
      expect(part.left).toBeGreaterThanOrEqual(0)
      expect(part.top).toBeGreaterThanOrEqual(0)
      expect(part.left + part.width).toBeLessThanOrEqual(image.width)
      expect(part.top + part.height).toBeLessThanOrEqual(image.height)
    }),
  )
  const whole = { width: 40, height: 40 }
  expect(partOfImage(whole, whole, drawAugmentation({}, 0, 0, 0))).toEqual({ ...whole, left: 0, top: 0 })
})

it.each([
  [{ crop: { minArea: 0 } }, 'augmentation.crop.minArea'],
  [{ crop: { minArea: 0.5, maxAspect: 0.5 } }, 'augmentation.crop.maxAspect'],
  [{ flip: 2 }, 'augmentation.flip'],
  [{ rotation: -1 }, 'augmentation.rotation'],
  [{ saturation: Number.NaN }, 'augmentation.saturation'],
  [{ hue: 200 }, 'augmentation.hue'],
])('refuses %j', (recipe, option) => {
  expect(() => checkAugmentation(recipe)).toThrow(
    expect.objectContaining({ code: 'image_option_invalid', message: expect.stringContaining(option) }),
  )
  expect(() => checkAugmentation(all)).not.toThrow()
})
