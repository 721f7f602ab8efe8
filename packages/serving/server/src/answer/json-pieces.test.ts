import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { jsonPieces } from './json-pieces.ts'

const written = async (items: readonly unknown[], around: (items: readonly unknown[]) => unknown) => {
  const pieces: string[] = []
  for await (const piece of jsonPieces({ items, around })) pieces.push(piece)
  return pieces
}

describe('jsonPieces', () => {
  it('is the JSON of the whole', async () => {
    const model = fc.oneof(fc.string({ unit: 'binary' }), fc.constant('\u0000'))
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ index: fc.nat(), embedding: fc.array(fc.float()) })),
        model,
        async (items, model) => {
          const around = (data: readonly unknown[]) => ({ model, object: 'list', data, usage: 1 })
          expect((await written(items, around)).join('')).toBe(JSON.stringify(around(items)))
          expect((await written(items, (all) => all)).join('')).toBe(JSON.stringify(items))
        },
      ),
    )
  })

  it('comes in pieces, between which others have their turn', async () => {
    const items = Array.from({ length: 300 }, () => ({ numbers: Array.from({ length: 500 }, Math.random) }))
    let turns = 0
    const ticking = setInterval(() => {
      turns += 1
    }, 0)
    const pieces = await written(items, (all) => all)
    clearInterval(ticking)
    expect(pieces.length).toBeGreaterThan(5)
    for (const piece of pieces) expect(piece.length).toBeLessThan(300_000)
    expect(turns).toBeGreaterThan(0)
    expect(JSON.parse(pieces.join(''))).toEqual(items)
  })
})
