import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readWeightsFile, writeWeightsFile } from './weights-file.ts'

const refused = expect.objectContaining({ code: 'guard_weights_invalid' })
const file = { header: { a: 1 }, tables: [Uint8Array.of(1, 2, 3), Uint8Array.of(), Uint8Array.of(9)] }

describe('a weights file', () => {
  it('is read as it was written', () => {
    const { header, tables } = readWeightsFile(writeWeightsFile(file), 'given')
    expect(header).toMatchObject({ a: 1 })
    expect(tables.map((table) => [...table])).toEqual([[1, 2, 3], [], [9]])
  })

  it('is refused when it is cut short or a byte is another', () => {
    const bytes = writeWeightsFile(file)
    for (let length = 0; length < bytes.length; length += 1)
      expect(() => readWeightsFile(bytes.subarray(0, length), 'given')).toThrow(refused)
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
        const changed = bytes.slice()
        changed[at]! ^= change
        expect(() => readWeightsFile(changed, 'given')).toThrow(refused)
      }),
    )
  })

  it('is refused when it is any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(() => readWeightsFile(bytes, 'given')).toThrow(refused)
      }),
    )
  })
})
