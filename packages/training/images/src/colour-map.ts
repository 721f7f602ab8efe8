/** Changes of colour as one affine map of red, green and blue. Pure arithmetic. */

import type { Augmentation } from './augmentation.ts'

type Colour = readonly [red: number, green: number, blue: number]

export interface ColourMap {
  /** Rows: the contributions of red, green and blue to red, then to green, then to blue. */
  readonly matrix: readonly [Colour, Colour, Colour]
  /** Added to each channel, of values from 0 to 255. */
  readonly offset: number
}

/** Hue, then saturation, brightness and contrast about the middle grey. All linear, so values are cut to 0 and 255 once. */
export function colourMap({ brightness, contrast, saturation, hue }: Augmentation): ColourMap {
  const change = (colour: Colour): Colour => {
    const turned = turnHue(colour, hue)
    const grey = lumaOf(turned)
    const each = (value: number) => brightness * contrast * (grey + saturation * (value - grey))
    return [each(turned[0]), each(turned[1]), each(turned[2])]
  }
  const columns = [change([1, 0, 0]), change([0, 1, 0]), change([0, 0, 1])] as const
  const row = (channel: 0 | 1 | 2): Colour => [columns[0][channel], columns[1][channel], columns[2][channel]]
  return { matrix: [row(0), row(1), row(2)], offset: 127.5 * (1 - contrast) }
}

export const isNoChange = ({ brightness, contrast, saturation, hue }: Augmentation): boolean =>
  brightness === 1 && contrast === 1 && saturation === 1 && hue === 0

/** ITU-R BT.601, as in PIL and torchvision. */
const lumaOf = ([red, green, blue]: Colour): number => 0.299 * red + 0.587 * green + 0.114 * blue

/** A turn of the plane of BT.601's Cb and Cr: greys stay, and everything is as bright as before. */
function turnHue(colour: Colour, degrees: number): Colour {
  const luma = lumaOf(colour)
  const [cb, cr] = [(colour[2] - luma) / 1.772, (colour[0] - luma) / 1.402]
  const [cos, sin] = [Math.cos((degrees * Math.PI) / 180), Math.sin((degrees * Math.PI) / 180)]
  const red = luma + 1.402 * (sin * cb + cos * cr)
  const blue = luma + 1.772 * (cos * cb - sin * cr)
  return [red, (luma - 0.299 * red - 0.114 * blue) / 0.587, blue]
}
