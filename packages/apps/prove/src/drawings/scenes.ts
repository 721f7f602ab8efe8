/**
 * Seeded images with captions: two shapes with size, colour and position. Two families show the same content: `plain` is filled, upright
 * and bright on a light ground; `sketched` is outlined, rotated and pale, on noisy grey.
 */

import { blockRandom } from '@hadal/nn'
import type { ImageTextPairs } from '@hadal/train'
import { coverageOf, type ShapeKind, shapeKinds } from './shapes.ts'

export type SceneFamily = 'plain' | 'sketched'

export interface DrawnScenes {
  readonly seed: number
  readonly family: SceneFamily
  /** The scenes from `first` on: no two of one seed are drawn from the same numbers. */
  readonly first: number
  readonly count: number
  /** Width and height in pixels. */
  readonly side: number
}

type Colour = readonly [red: number, green: number, blue: number]

const colours: Readonly<Record<string, Colour>> = {
  red: [0.85, 0.1, 0.1],
  green: [0.1, 0.65, 0.2],
  blue: [0.15, 0.25, 0.85],
  yellow: [0.9, 0.8, 0.1],
  purple: [0.55, 0.15, 0.7],
  orange: [0.95, 0.5, 0.1],
  brown: [0.45, 0.28, 0.12],
  cyan: [0.1, 0.75, 0.8],
}
const sizes: Readonly<Record<string, number>> = { small: 0.13, large: 0.24 }
/** In description order. */
const places: Readonly<Record<string, readonly [x: number, y: number]>> = {
  'top-left': [0.26, 0.26],
  'top-right': [0.74, 0.26],
  'bottom-left': [0.26, 0.74],
  'bottom-right': [0.74, 0.74],
}
const special = ['<start>', '<end>'] as const
const words: readonly string[] = [
  ...special,
  ...Object.keys(sizes),
  ...Object.keys(colours),
  ...shapeKinds,
  ...Object.keys(places),
]
const idOf = new Map(words.map((word, id) => [word, id]))

export const sceneWords: { readonly count: number; readonly end: number; readonly longest: number } = {
  count: words.length,
  end: idOf.get(special[1])!,
  /** Start, four words for each of two shapes, end. */
  longest: 10,
}

interface Thing {
  readonly size: string
  readonly colour: string
  readonly kind: ShapeKind
  readonly place: string
}

/** In the form that a dual encoder run reads: a word a token. */
export function drawScenes(drawn: DrawnScenes): ImageTextPairs {
  const { seed, family, first, count, side } = drawn
  const numbers = 3 * side ** 2
  const pixels = new Float32Array(count * numbers)
  const captions: number[][][] = []
  for (let at = 0; at < count; at += 1) {
    const random = blockRandom(seed, family === 'plain' ? 1 : 2, first + at)
    const things = drawThings(random)
    captions.push([[special[0], ...things.flatMap(spoken), special[1]].map((word) => idOf.get(word)!)])
    pixels.set(paint(things, family, side, random), at * numbers)
  }
  return {
    imageSize: side,
    captions,
    padding: sceneWords.end,
    fingerprint: JSON.stringify(drawn),
    load: (images) => {
      const some = new Float32Array(images.length * numbers)
      images.forEach((image, place) => {
        some.set(pixels.subarray(image * numbers, (image + 1) * numbers), place * numbers)
      })
      return some
    },
  }
}

const spoken = ({ size, colour, kind, place }: Thing): string[] => [size, colour, kind, place]

/** Two, at different places. */
function drawThings(random: () => number): readonly Thing[] {
  const one = <Item>(of: readonly Item[]): Item => of[Math.floor(random() * of.length)]!
  const names = Object.keys(places)
  const start = one(names)
  const other = one(names.filter((name) => name !== start))
  return [start, other]
    .toSorted((a, b) => names.indexOf(a) - names.indexOf(b))
    .map((place) => ({
      size: one(Object.keys(sizes)),
      colour: one(Object.keys(colours)),
      kind: one(shapeKinds),
      place,
    }))
}

/** [3, side, side], about -1 to 1. */
function paint(
  things: readonly Thing[],
  family: SceneFamily,
  side: number,
  random: () => number,
): Float32Array {
  const isSketched = family === 'sketched'
  const between = (low: number, high: number): number => low + (high - low) * random()
  const ground = isSketched ? between(0.5, 0.7) : between(0.85, 1)
  const planes = [0, 1, 2].map(() => new Float32Array(side * side).fill(ground))
  for (const { size, colour, kind, place } of things) {
    const [x, y] = places[place]!.map((at) => (at + between(-0.04, 0.04)) * side) as [number, number]
    const angle = isSketched ? between(-0.6, 0.6) : 0
    const half = sizes[size]! * side * between(0.9, 1.1)
    const covered = coverageOf({ kind, x, y, size: half, angle, isOutline: isSketched }, side)
    planes.forEach((plane, channel) => {
      const tone = isSketched ? 0.1 + 0.8 * colours[colour]![channel]! : colours[colour]![channel]!
      covered.forEach((share, at) => {
        plane[at] = plane[at]! + share * (tone - plane[at]!)
      })
    })
  }
  const noise = isSketched ? 0.2 : 0.04
  const painted = new Float32Array(3 * side * side)
  planes.forEach((plane, channel) => {
    painted.set(
      plane.map((value) => 2 * (value + noise * (random() - 0.5)) - 1),
      channel * side * side,
    )
  })
  return painted
}
