import { describe, expect, it } from 'vitest'
import { classCount, drawClasses } from './classes.ts'
import { drawScenes, sceneWords } from './scenes.ts'
import { coverageOf, shapeKinds } from './shapes.ts'

const area = (covered: Float32Array): number => covered.reduce((sum, each) => sum + each, 0)

describe('shapes', () => {
  const at = { x: 16, y: 16, size: 10, angle: 0 }

  it('cover what they should of a picture, and nothing outside', () => {
    // Pi (0.9 · 10)^2, and (2 · 0.78 · 10)^2.
    expect(area(coverageOf({ ...at, kind: 'circle' }, 32))).toBeCloseTo(254.5, -1)
    expect(area(coverageOf({ ...at, kind: 'square' }, 32))).toBeCloseTo(243.4, -1)
    for (const kind of shapeKinds) {
      const covered = coverageOf({ ...at, kind, angle: 0.4 }, 32)
      expect(area(covered)).toBeGreaterThan(20)
      expect([covered[0], covered[31], covered.at(-1)]).toEqual([0, 0, 0])
      expect(Math.max(...covered)).toBe(1)
    }
  })

  it('differ from one another', () => {
    const drawn = shapeKinds.map((kind) => String(coverageOf({ ...at, kind }, 32)))
    expect(new Set(drawn).size).toBe(shapeKinds.length)
  })

  it('are hollow as outlines', () => {
    expect(coverageOf({ ...at, kind: 'circle', isOutline: true }, 32)[16 * 32 + 16]).toBe(0)
    expect(coverageOf({ ...at, kind: 'circle' }, 32)[16 * 32 + 16]).toBe(1)
  })
})

describe('pictures for classification', () => {
  const kind = { seed: 3, count: 60, side: 16, noise: 0.1, turn: 1 }

  it('are the same for a seed, and no others of it when there are more', () => {
    const { pixels, labels } = drawClasses(kind)
    const more = drawClasses({ ...kind, count: 80 })
    expect(more.pixels.subarray(0, pixels.length)).toEqual(pixels)
    expect(more.labels.subarray(0, 60)).toEqual(labels)
    expect(drawClasses({ ...kind, seed: 4 }).pixels).not.toEqual(pixels)
  })

  it('are of all classes', () => {
    expect(new Set(drawClasses(kind).labels).size).toBe(classCount)
  })
})

describe('pictures with captions', () => {
  const scenes = { seed: 5, family: 'plain', first: 0, count: 6, side: 32 } as const

  it('go on where earlier ones ended, and look otherwise in another family', async () => {
    const { captions, load } = drawScenes(scenes)
    const later = drawScenes({ ...scenes, first: 4, count: 2 })
    expect(later.captions).toEqual(captions.slice(4))
    expect(await later.load([0, 1], undefined)).toEqual(await load([4, 5], undefined))
    const sketched = drawScenes({ ...scenes, family: 'sketched' })
    expect(await sketched.load([0], undefined)).not.toEqual(await load([0], undefined))
  })

  it('have captions of exactly the encoder’s text length', () => {
    for (const [caption] of drawScenes(scenes).captions) {
      expect(caption).toHaveLength(sceneWords.longest)
      expect(caption!.at(-1)).toBe(sceneWords.end)
      expect(Math.max(...caption!)).toBeLessThan(sceneWords.count)
    }
  })
})
