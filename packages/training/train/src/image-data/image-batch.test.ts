import { scope, setNumThreads } from '@hadal/tensor'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { expectClose } from '../../../tensor/test/expect-close.ts'
import { type Draw, imageBatch } from './image-batch.ts'
import type { LabelledImages } from './labelled-images.ts'

setNumThreads(1)

/** Sample i has the numbers from 20 i on, in two channels of 2 by 3. */
const images: LabelledImages = {
  shape: [2, 2, 3],
  pixels: Uint8Array.from({ length: 48 }, (_, at) => 20 * Math.floor(at / 12) + (at % 12)),
  labels: Int32Array.of(0, 1, 0, 1),
}
const read = (data: LabelledImages, indices: readonly number[], draw?: Draw): number[] =>
  scope(() => [...(imageBatch(data, indices, draw).toTypedArray() as Float32Array)])
/** In units of 1/255. */
const bytes = (data: LabelledImages, indices: readonly number[], draw?: Draw): number[] =>
  read(data, indices, draw).map((value) => Math.round(value * 255))

describe('samples as a batch', () => {
  it('are bytes from 0 to 1, or floats as they are', () => {
    expect(bytes(images, [2, 0])).toEqual([...images.pixels.slice(24, 36), ...images.pixels.slice(0, 12)])
    const floats = { shape: [2], pixels: Float32Array.of(-3, 4, 0.5, 6), labels: Int32Array.of(0, 1) }
    expect(read(floats, [1])).toEqual([0.5, 6])
  })

  it('are normalised by channel, or all alike', () => {
    const normalization = { mean: [0, 1], std: [2, 4] }
    const plain = read(images, [1])
    const own = read({ ...images, normalization }, [1])
    expectClose(
      own,
      plain.map((value, at) => (at < 6 ? value / 2 : (value - 1) / 4)),
      { roundings: 10 },
    )
    const alike = read({ ...images, normalization: { mean: 0.5, std: 0.25 } }, [1])
    expectClose(
      alike,
      plain.map((value) => (value - 0.5) / 0.25),
      { roundings: 10 },
    )
  })

  it('are mirrored left to right', () => {
    const flipped = bytes({ ...images, augmentation: { flip: 1 } }, [0], { seed: 1, turn: 0 })
    expect(flipped).toEqual([2, 1, 0, 5, 4, 3, 8, 7, 6, 11, 10, 9])
  })

  it('have their views side by side; a view has only what its sample has, all channels moved alike', () => {
    fc.assert(
      fc.property(fc.nat(), fc.nat(), (seed, turn) => {
        const varied = { ...images, augmentation: { views: 3, flip: 0.5, shift: 1 } }
        const drawn = bytes(varied, [3, 1], { seed, turn })
        expect(drawn).toHaveLength(2 * 3 * 12)
        drawn.forEach((value, at) => {
          const sample = at < 36 ? 3 : 1
          expect(value).toBeGreaterThanOrEqual(20 * sample)
          expect(value).toBeLessThan(20 * sample + 12)
          // The second channel is the first one, six further.
          if (at % 12 >= 6) expect(value).toBe(drawn[at - 6]! + 6)
        })
        expect(bytes(varied, [3, 1], { seed, turn })).toEqual(drawn)
        // A sample's augmentation does not depend on its batch mates.
        expect(bytes(varied, [1], { seed, turn })).toEqual(drawn.slice(36))
        expect(bytes(varied, [1])).toEqual(bytes(images, [1]))
      }),
      { numRuns: 50 },
    )
  })

  it('vary from turn to turn and from view to view', () => {
    const varied = { ...images, augmentation: { views: 8, flip: 0.5, shift: 1 } }
    const views = Array.from({ length: 8 }, (_, turn) => bytes(varied, [0], { seed: 7, turn }))
    const texts = new Set(
      views.flatMap((all) => Array.from({ length: 8 }, (_, i) => String(all.slice(12 * i, 12 * i + 12)))),
    )
    // Edges are mirrored: two rows are one way round or the other, three columns four ways.
    expect(texts.size).toBe(8)
  })
})
