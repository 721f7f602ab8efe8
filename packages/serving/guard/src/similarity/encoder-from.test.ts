import { describe, expect, it } from 'vitest'
import { bagOf } from '../../test/bag-of-words.ts'
import { cosineOf } from './encoder.ts'
import { type EmbeddingFunction, encoderFrom } from './encoder-from.ts'

const options = { name: 'mine', dimensions: 64, languages: ['en'] as const }

describe('an embedding function as an encoder', () => {
  it('is asked in batches, for each text once, and not again for what it said lately', async () => {
    const query: (readonly string[])[] = []
    const embed: EmbeddingFunction = (texts) => {
      query.push(texts)
      return texts.map((text) => bagOf(text).map((value) => 3 * value))
    }
    const encoder = encoderFrom({ ...options, embed, batch: 2, cached: 3 })
    const vectors = await encoder.encode(['a b', 'c', 'a b', 'd'])
    expect(query).toEqual([['a b', 'c'], ['d']])
    expect(vectors).toHaveLength(4)
    expect(vectors[0]).toBe(vectors[2])
    expect(cosineOf(vectors[0]!, vectors[0]!)).toBeCloseTo(1)
    await encoder.encode(['a b', 'e'])
    expect(query.slice(2)).toEqual([['e']])
    await encoder.encode(['c'])
    expect(query.slice(3)).toEqual([['c']])
  })

  it.each([
    ['too few vectors', () => []],
    ['too short a vector', () => [[1, 2]]],
    ['no number', () => [new Float32Array(64).fill(Number.NaN)]],
  ])('is refused for %s', async (_, embed) => {
    await expect(encoderFrom({ ...options, embed }).encode(['a'])).rejects.toMatchObject({
      code: 'guard_embedding_invalid',
    })
  })

  it('stops between batches when its signal aborts', async () => {
    const stop = new AbortController()
    const embed: EmbeddingFunction = (texts) => {
      stop.abort(new Error('gone'))
      return texts.map(bagOf)
    }
    const encoder = encoderFrom({ ...options, embed, batch: 1 })
    await expect(encoder.encode(['a', 'b'], stop.signal)).rejects.toThrow('gone')
  })
})
