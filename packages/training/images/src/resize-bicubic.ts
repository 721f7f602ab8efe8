/**
 * Bicubic resizing as PIL does it: first along rows, then along columns, each pixel a weighted sum of those around the place it came
 * from. Pure. libvips does the same for what gets smaller; what gets larger it moves by half a pixel, so that is done here.
 */

import type { Size } from './fit-image.ts'
import type { Pixels } from './pixels.ts'

export function resizeBicubic(pixels: Pixels, { width, height }: Size): Pixels {
  const { data, width: oldWidth, height: oldHeight } = pixels
  // A row is [width] of [3]; a column is [height] of rows.
  const wide = alongAxis(data, { outer: oldHeight, length: oldWidth, inner: 3 }, width)
  const result = alongAxis(wide, { outer: 1, length: oldHeight, inner: width * 3 }, height)
  return { data: result, width, height }
}

interface Axis {
  readonly outer: number
  readonly length: number
  readonly inner: number
}

/** [outer, length, inner] to [outer, wanted, inner], rounded to whole numbers. */
function alongAxis(values: Uint8Array, { outer, length, inner }: Axis, wanted: number): Uint8Array {
  // Clamped: the curve goes below 0 and beyond 1.
  const result = new Uint8ClampedArray(outer * wanted * inner)
  const taps = Array.from({ length: wanted }, (_, place) => tapsOf(place, length, wanted))
  for (let row = 0; row < outer; row++) {
    for (let place = 0; place < wanted; place++) {
      const { first, weights } = taps[place]!
      const from = (row * length + first) * inner
      const to = (row * wanted + place) * inner
      for (let at = 0; at < inner; at++) {
        let sum = 0
        for (let tap = 0; tap < weights.length; tap++) sum += weights[tap]! * values[from + tap * inner + at]!
        result[to + at] = sum
      }
    }
  }
  return new Uint8Array(result.buffer)
}

interface Taps {
  readonly first: number
  readonly weights: readonly number[]
}

/** Source pixels of an output pixel and their weights. When downscaling, the kernel's radius is two output pixels. */
function tapsOf(place: number, length: number, wanted: number): Taps {
  const scale = length / wanted
  const stretch = Math.max(1, scale)
  const centre = (place + 0.5) * scale
  const first = Math.max(0, Math.floor(centre - 2 * stretch + 0.5))
  const end = Math.min(length, Math.floor(centre + 2 * stretch + 0.5))
  const curve = Array.from({ length: end - first }, (_, tap) => cubic((first + tap + 0.5 - centre) / stretch))
  const sum = curve.reduce((total, weight) => total + weight, 0)
  return { first, weights: curve.map((weight) => weight / sum) }
}

/** Keys' curve with a = -0.5 (1981), PIL's and torchvision's. */
function cubic(x: number): number {
  const far = Math.abs(x)
  if (far < 1) return (1.5 * far - 2.5) * far * far + 1
  if (far < 2) return ((-0.5 * far + 2.5) * far - 4) * far + 2
  return 0
}
