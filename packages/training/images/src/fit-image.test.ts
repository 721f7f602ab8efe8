import fc from 'fast-check'
import { expect, it } from 'vitest'
import { fitImage } from './fit-image.ts'

const size = fc.record({
  width: fc.integer({ min: 1, max: 5000 }),
  height: fc.integer({ min: 1, max: 5000 }),
})
const square = (side: number) => ({ width: side, height: side })

const noBorder = { left: 0, right: 0, top: 0, bottom: 0 }

it('brings the shorter side to the size and takes the centre, as CLIP does', () => {
  expect(fitImage({ width: 640, height: 427 }, square(224), 'crop')).toEqual({
    resized: { width: 335, height: 224 },
    cut: { left: 55, top: 0, ...square(224) },
    border: noBorder,
  })
})

it('keeps all of an image, with its proportions or without', () => {
  const image = { width: 400, height: 200 }
  expect(fitImage(image, square(100), 'whole').cut).toEqual({ left: 0, top: 0, width: 200, height: 100 })
  expect(fitImage(image, square(101), 'pad')).toEqual({
    resized: { width: 101, height: 50 },
    cut: { left: 0, top: 0, width: 101, height: 50 },
    border: { left: 0, right: 0, top: 25, bottom: 26 },
  })
  expect(fitImage(image, square(100), 'stretch').resized).toEqual(square(100))
})

it('cuts inside what was resized, and comes to the size wanted with the border', () => {
  fc.assert(
    fc.property(size, size, fc.constantFrom('crop', 'whole', 'pad', 'stretch'), (image, wanted, fit) => {
      const { resized, cut, border } = fitImage(image, wanted, fit)
      for (const length of [...Object.values(cut), ...Object.values(border)])
        expect(length).toBeGreaterThanOrEqual(0)
      expect(cut.left + cut.width).toBeLessThanOrEqual(resized.width)
      expect(cut.top + cut.height).toBeLessThanOrEqual(resized.height)
      if (fit !== 'pad') expect(border).toEqual(noBorder)
      if (fit === 'whole') return
      expect(border.left + cut.width + border.right).toBe(wanted.width)
      expect(border.top + cut.height + border.bottom).toBe(wanted.height)
    }),
  )
})
