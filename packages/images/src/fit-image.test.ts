import fc from 'fast-check'
import { expect, it } from 'vitest'
import { fitImage } from './fit-image.ts'

const size = fc.record({
  width: fc.integer({ min: 1, max: 5000 }),
  height: fc.integer({ min: 1, max: 5000 }),
})
const square = (side: number) => ({ width: side, height: side })

it('brings the shorter side to the size and takes the centre, as CLIP does', () => {
  expect(fitImage({ width: 640, height: 427 }, square(224), 'crop')).toEqual({
    resized: { width: 335, height: 224 },
    left: 55,
    top: 0,
    result: square(224),
  })
})

it('keeps all of an image, with its proportions or without', () => {
  const image = { width: 400, height: 200 }
  expect(fitImage(image, square(100), 'whole').result).toEqual({ width: 200, height: 100 })
  expect(fitImage(image, square(100), 'pad')).toMatchObject({
    resized: { width: 100, height: 50 },
    left: 0,
    top: -25,
  })
  expect(fitImage(image, square(100), 'stretch').resized).toEqual(square(100))
})

it('always finds what it takes inside what was resized, or beside it where it pads', () => {
  fc.assert(
    fc.property(size, size, fc.constantFrom('crop', 'whole', 'stretch'), (image, wanted, fit) => {
      const { resized, left, top, result } = fitImage(image, wanted, fit)
      expect(left).toBeGreaterThanOrEqual(0)
      expect(top).toBeGreaterThanOrEqual(0)
      expect(left + result.width).toBeLessThanOrEqual(resized.width)
      expect(top + result.height).toBeLessThanOrEqual(resized.height)
      if (fit !== 'whole') expect(result).toEqual(wanted)
    }),
  )
  fc.assert(
    fc.property(size, size, (image, wanted) => {
      const { resized, left, top } = fitImage(image, wanted, 'pad')
      expect(left).toBeLessThanOrEqual(0)
      expect(top).toBeLessThanOrEqual(0)
      expect(resized.width - left).toBeLessThanOrEqual(wanted.width)
      expect(resized.height - top).toBeLessThanOrEqual(wanted.height)
      expect(resized.width === wanted.width || resized.height === wanted.height).toBe(true)
    }),
  )
})
