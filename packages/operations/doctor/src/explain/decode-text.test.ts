import fc from 'fast-check'
import { expect, it } from 'vitest'
import { decodeText } from './decode-text.ts'

const said = 'Fehler: CUDA läuft über\n'

it.each([
  ['UTF-8', Buffer.from(said)],
  ['UTF-8 with its mark', Buffer.from(`\ufeff${said}`)],
  ['UTF-16LE with its mark', Buffer.from(`\ufeff${said}`, 'utf16le')],
  ['UTF-16BE with its mark', Buffer.from(`\ufeff${said}`, 'utf16le').swap16()],
  ['UTF-16LE', Buffer.from(said, 'utf16le')],
  ['UTF-16BE', Buffer.from(said, 'utf16le').swap16()],
  ['Latin-1', Buffer.from(said, 'latin1')],
])('reads %s', (_, bytes) => {
  expect(decodeText(bytes)).toBe(said)
})

it('keeps UTF-8 where one character is torn', () => {
  const text = decodeText(Buffer.concat([Buffer.from([0xa4]), Buffer.from(said)]))
  expect(text.endsWith(said)).toBe(true)
})

it('reads any bytes', () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => typeof decodeText(bytes) === 'string'))
})
