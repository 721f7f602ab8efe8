import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readImage } from './read-image.ts'

const read = (text: string): number[] => [...readImage(text, 'input[1].image')]
const bytes = fc.uint8Array({ minLength: 1, maxLength: 100 })

describe('readImage', () => {
  it('reads data URLs and base64 alone, in lines too', () => {
    fc.assert(
      fc.property(bytes, (given) => {
        const base64 = Buffer.from(given).toString('base64')
        for (const text of [
          base64,
          Buffer.from(given).toString('base64url'),
          base64.replace(/.{8}/g, '$&\r\n'),
          `data:image/png;base64,${base64}`,
          `DATA:image/svg+xml;charset=utf-8;Base64,${base64}`,
          `data:;base64,${base64}`,
        ])
          expect(read(text)).toEqual([...given])
      }),
    )
  })

  it.each([
    'https://example.org/cat.png',
    'http://169.254.169.254/latest/meta-data',
    'file:///etc/passwd',
    'ftp://host/x.png',
    ' gopher://x',
    'blob:abc',
  ])('does not fetch %j', (text) => {
    expect(() => read(text)).toThrow(
      expect.objectContaining({ code: 'image_address_refused', param: 'input[1].image' }),
    )
  })

  it.each([
    ['', 'must not be empty'],
    ['data:image/png;base64,', 'must not be empty'],
    ['not base64!', 'must be base64'],
    ['data:image/png;base64,%00', 'must be base64'],
    ['data:image/png,abc', 'data URL in base64'],
    ['data:', 'data URL in base64'],
    ['data:text/html;base64,PGI+', 'must be an image'],
    ['/etc/passwd.', 'must be base64'],
  ])('refuses %j', (text, why) => {
    expect(() => read(text)).toThrow(
      expect.objectContaining({
        code: 'invalid_request',
        param: 'input[1].image',
        message: expect.stringContaining(why),
      }),
    )
  })

  it('gives bytes or a coded error, whatever is sent', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.string().map((text) => `data:${text}`),
        ),
        (text) => {
          try {
            expect(read(text).length).toBeGreaterThan(0)
          } catch (error) {
            expect(error).toMatchObject({
              code: expect.stringMatching(/^(?:invalid_request|image_address_refused)$/),
            })
          }
        },
      ),
    )
  })
})
