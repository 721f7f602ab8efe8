/**
 * Seeded classification images: ten shapes at any position and many sizes, light on dark or inverted, with a faint band and strong noise.
 * Hard enough that no model is perfect.
 */

import { normal } from '@hadal/batching'
import { blockRandom } from '@hadal/nn'
import type { LabelledImages } from '@hadal/train'
import { coverageOf, shapeKinds } from './shapes.ts'

export interface DrawnClasses {
  readonly seed: number
  readonly count: number
  /** Width and height in pixels. */
  readonly side: number
  /** Standard deviation, where black to white is 1. */
  readonly noise: number
  /** How far a shape is turned at most, either way, in radians. */
  readonly turn: number
}

export const classCount: number = shapeKinds.length

/** [1, side, side] in bytes; picture i is a function of seed and i alone. */
export function drawClasses(kind: DrawnClasses): LabelledImages {
  const { seed, count, side } = kind
  const pixels = new Uint8Array(count * side * side)
  const labels = new Int32Array(count)
  for (let index = 0; index < count; index += 1) {
    const random = blockRandom(seed, 0, index)
    const label = Math.floor(random() * classCount)
    labels[index] = label
    pixels.set(drawOne(label, kind, random), index * side * side)
  }
  return { shape: [1, side, side], pixels, labels }
}

function drawOne(label: number, { side, noise, turn }: DrawnClasses, random: () => number): Uint8Array {
  const between = (low: number, high: number): number => low + (high - low) * random()
  const size = side * between(0.26, 0.42)
  const place = (): number => between(size, side - size)
  const shape = coverageOf(
    { kind: shapeKinds[label]!, x: place(), y: place(), size, angle: between(-turn, turn) },
    side,
  )
  const line = coverageOf(
    {
      kind: 'bar',
      x: between(0, side),
      y: between(0, side),
      size: side * 1.5,
      angle: between(0, Math.PI),
      isOutline: false,
    },
    side,
  )
  const contrast = between(0.3, 0.6) * (random() < 0.5 ? -1 : 1)
  const ground = between(0.4, 0.6)
  const lineTone = between(-0.15, 0.15)
  return Uint8Array.from(shape, (covered, at) => {
    const value = ground + contrast * covered + lineTone * line[at]! + noise * normal(random)
    return Math.round(255 * Math.min(1, Math.max(0, value)))
  })
}
