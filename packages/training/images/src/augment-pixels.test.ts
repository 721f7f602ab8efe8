import { expect, it } from 'vitest'
import { augmentPixels } from './augment-pixels.ts'
import { type Augmentation, drawAugmentation } from './augmentation.ts'
import { colourMap } from './colour-map.ts'
import type { Pixels } from './pixels.ts'

const nothing = drawAugmentation({}, 0, 0, 0)
const side = 16
/** Redder to the right, greener downwards. */
const slope: Pixels = {
  width: side,
  height: side,
  data: Uint8Array.from({ length: side * side * 3 }, (_, index) => {
    const [x, y] = [Math.floor(index / 3) % side, Math.floor(index / 3 / side)]
    return [40 + x * 10, 40 + y * 10, 90][index % 3]!
  }),
}
const augmented = (change: Partial<Augmentation>, size = side) =>
  augmentPixels(slope, { ...nothing, ...change }, { width: size, height: size })
const at = ({ data, width }: Pixels, x: number, y: number) => [
  ...data.subarray((y * width + x) * 3, (y * width + x + 1) * 3),
]

it('gives the same pixels where nothing is drawn', async () => {
  expect([...(await augmented({})).data]).toEqual([...slope.data])
})

it('mirrors left and right', async () => {
  const { data } = await augmented({ flip: true })
  expect(at({ ...slope, data }, 0, 3)).toEqual(at(slope, side - 1, 3))
})

it('takes the part that was drawn, to the size wanted', async () => {
  const lowerRight = await augmented({ area: 0.25, across: 1, down: 1 }, 8)
  expect(at(lowerRight, 0, 0)).toEqual(at(slope, 8, 8))
  expect(await augmented({ area: 0.25 }, 24)).toMatchObject({ width: 24, height: 24 })
})

it('turns about the centre, with background in the corners', async () => {
  const turned = await augmented({ rotation: 90 })
  expect(at(turned, side - 1, 0)[0]).toBeCloseTo(at(slope, 0, 0)[0]!, -1)
  const slightly = await augmented({ rotation: 30 })
  expect(slightly).toMatchObject({ width: side, height: side })
  expect(at(slightly, 0, 0)).toEqual([255, 255, 255])
  const [wanted, got] = [at(slope, 8, 8), at(slightly, 8, 8)]
  got.forEach((value, channel) => {
    expect(Math.abs(value - wanted[channel]!)).toBeLessThanOrEqual(12)
  })
})

it('changes colours as the map says, cut to 0 and 255 only at the end', async () => {
  const change = { brightness: 1.4, contrast: 1.5, saturation: 0.6, hue: 25 }
  const { matrix, offset } = colourMap({ ...nothing, ...change })
  const { data } = await augmented(change)
  for (const [x, y] of [
    [0, 0],
    [15, 15],
    [3, 12],
  ] as const) {
    const before = at(slope, x, y)
    const wanted = matrix.map((row) =>
      row.reduce((sum, part, channel) => sum + part * before[channel]!, offset),
    )
    at({ ...slope, data }, x, y).forEach((value, channel) => {
      expect(Math.abs(value - Math.min(255, Math.max(0, wanted[channel]!)))).toBeLessThanOrEqual(1)
    })
  }
})
