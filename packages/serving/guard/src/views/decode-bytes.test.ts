import fc from 'fast-check'
import { expect, it } from 'vitest'
import { decodeBytes } from './decode-bytes.ts'

it('decodes any bytes to text without halves of characters', () => {
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      const text = decodeBytes(bytes)
      expect(/[\ud800-\udfff]/u.test(text)).toBe(false)
    }),
  )
  fc.assert(
    fc.property(
      fc.array(fc.nat(0xd7ff)).map((codes) => String.fromCharCode(...codes.filter((code) => code > 0))),
      (text) => {
        expect(decodeBytes(Buffer.from(text))).toBe(text)
      },
    ),
  )
  expect(decodeBytes(Uint8Array.of(0x69, 0xff, 0xed, 0xa0, 0x80, 0x67))).toBe('i\ufffd\ufffd\ufffd\ufffdg')
  expect(decodeBytes(Uint8Array.of(0xef, 0xbb, 0xbf, 0x69))).toBe('i')
})
