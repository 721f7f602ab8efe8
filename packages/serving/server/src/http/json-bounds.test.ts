import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { JsonBounds, jsonBounds } from './json-bounds.ts'

const bytes = (text: string): Buffer => Buffer.from(text)
const taken = (...pieces: readonly Uint8Array[]): void => {
  const bounds = new JsonBounds()
  for (const piece of pieces) bounds.take(piece)
}
const repeated = (piece: string, times: number, end: string): string => `[${piece.repeat(times)}${end}]`

describe('the bounds of a JSON body', () => {
  it.each([
    ['nesting', '['.repeat(jsonBounds.depth + 1), 'nest at most 256 levels deep'],
    ['objects', repeated('{},', jsonBounds.fields, '{}'), 'at most 32768 objects and fields'],
    ['fields', `{${'"a":1,'.repeat(jsonBounds.fields)}"a":1}`, 'at most 32768 objects and fields'],
    ['arrays', repeated('[],', jsonBounds.arrays, '[]'), 'at most 65536 arrays'],
    ['values', repeated('1,', jsonBounds.values + 1, '1'), 'at most 262144 values'],
  ])('are exceeded by %s', (_, text, message) => {
    expect(() => taken(bytes(text))).toThrow(message)
  })

  it('are not exceeded at the bound', () => {
    taken(bytes(`${'['.repeat(jsonBounds.depth)}${']'.repeat(jsonBounds.depth)}`))
    taken(bytes(repeated('{},', jsonBounds.fields - 1, '{}')))
    taken(bytes(repeated('1,', jsonBounds.values, '1')))
  })

  it('leave the text of strings alone', () => {
    const text = '[]{}:,'.repeat(100_000)
    taken(bytes(JSON.stringify({ [text]: text, quotes: '\\"["\\\\'.repeat(jsonBounds.depth) })))
  })

  it('are the same in whichever pieces the bytes arrive', () => {
    const anyText = fc
      .array(fc.constantFrom('\\', '"', 'x', '中', '['), { maxLength: 40 })
      .map((of) => of.join(''))
    const anyCuts = fc.array(fc.nat(300), { maxLength: 6 })
    const property = fc.property(
      fc.array(anyText, { maxLength: 8 }),
      anyCuts,
      fc.boolean(),
      (texts, cuts, deep) => {
        const nested = '['.repeat(jsonBounds.depth - 1) // and the array of texts is one more
        const body = bytes(`${nested}${deep ? '[' : ''}${JSON.stringify(texts)}`)
        const ends = [...new Set([...cuts.map((cut) => cut % body.length), body.length])].sort(
          (a, b) => a - b,
        )
        const pieces = ends.map((end, at) => body.subarray(ends[at - 1] ?? 0, end))
        if (deep) expect(() => taken(...pieces)).toThrow('levels deep')
        else taken(...pieces)
      },
    )
    fc.assert(property)
  })
})
