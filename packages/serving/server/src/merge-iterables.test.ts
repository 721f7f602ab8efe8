import { setTimeout } from 'node:timers/promises'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { mergeIterables } from './merge-iterables.ts'

async function* source(items: readonly number[], delay = 0): AsyncGenerator<number> {
  for (const item of items) {
    if (delay > 0) await setTimeout(delay)
    yield item
  }
}
const all = async <T>(items: AsyncIterable<T>): Promise<T[]> => {
  const seen: T[] = []
  for await (const item of items) seen.push(item)
  return seen
}

describe('mergeIterables', () => {
  it('gives every item once, each source in its own order', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat({ max: 6 }), { maxLength: 5 }), async (lengths) => {
        const sources = lengths.map((length, s) => Array.from({ length }, (_, i) => s * 100 + i))
        const merged = await all(mergeIterables(sources.map((items) => source(items))))
        for (const [s, items] of sources.entries())
          expect(merged.filter((item) => Math.floor(item / 100) === s)).toEqual(items)
        expect(merged).toHaveLength(sources.flat().length)
      }),
    )
  })

  it('does not let a slow source hold up a fast one', async () => {
    const merged = await all(mergeIterables([source([1, 2], 40), source([3, 4, 5])]))
    expect(merged.slice(0, 3)).toEqual([3, 4, 5])
  })

  it('asks a source for more only when its last item was taken', async () => {
    let made = 0
    const eager = async function* (): AsyncGenerator<number> {
      for (;;) yield made++
    }
    const merged = mergeIterables([eager(), eager()])
    await merged.next()
    await setTimeout(5)
    expect(made).toBeLessThanOrEqual(3)
    await merged.return(undefined)
  })

  it('fails with the first source that fails and lets go of the others', async () => {
    let released = false
    const other = async function* (): AsyncGenerator<number> {
      try {
        for (;;) {
          await setTimeout(1)
          yield 1
        }
      } finally {
        released = true
      }
    }
    const broken = (async function* (): AsyncGenerator<number> {
      yield 0
      throw new Error('broken')
    })()
    await expect(all(mergeIterables([other(), broken]))).rejects.toThrow('broken')
    await setTimeout(20)
    expect(released).toBe(true)
  })
})
