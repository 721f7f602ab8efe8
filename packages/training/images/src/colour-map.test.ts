import fc from 'fast-check'
import { expect, it } from 'vitest'
import { drawAugmentation } from './augmentation.ts'
import { colourMap } from './colour-map.ts'

const nothing = drawAugmentation({}, 0, 0, 0)
const apply = ({ matrix, offset }: ReturnType<typeof colourMap>, colour: readonly number[]) =>
  matrix.map((row) => row.reduce((sum, part, channel) => sum + part * colour[channel]!, offset))
const luma = ([red, green, blue]: readonly number[]) => 0.299 * red! + 0.587 * green! + 0.114 * blue!
const colour = fc.tuple(fc.nat(255), fc.nat(255), fc.nat(255))

const expectClose = (got: readonly number[], wanted: readonly number[]) =>
  got.forEach((value, channel) => {
    expect(value).toBeCloseTo(wanted[channel]!, 6)
  })

it('leaves colours alone where nothing is drawn', () => {
  fc.assert(fc.property(colour, (some) => expectClose(apply(colourMap(nothing), some), some)))
})

it('turns hues without touching greys or how bright a colour is', () => {
  fc.assert(
    fc.property(colour, fc.integer({ min: -180, max: 180 }), (some, hue) => {
      const turn = colourMap({ ...nothing, hue })
      expect(luma(apply(turn, some))).toBeCloseTo(luma(some), 6)
      expectClose(apply(turn, [99, 99, 99]), [99, 99, 99])
      expectClose(apply(colourMap({ ...nothing, hue: -hue }), apply(turn, some)), some)
    }),
  )
})

it('scales brightness, contrast about the middle and saturation about grey', () => {
  expectClose(apply(colourMap({ ...nothing, brightness: 0.5 }), [100, 50, 20]), [50, 25, 10])
  expectClose(apply(colourMap({ ...nothing, contrast: 2 }), [127.5, 137.5, 107.5]), [127.5, 147.5, 87.5])
  const grey = luma([200, 10, 60])
  expectClose(apply(colourMap({ ...nothing, saturation: 0 }), [200, 10, 60]), [grey, grey, grey])
})
