import fc from 'fast-check'
import { expect, it } from 'vitest'
import { findFormat } from './image-format.ts'

const text = (value: string) => new TextEncoder().encode(value)
const latin1 = (value: string) => Uint8Array.from(value, (char) => char.charCodeAt(0))

it('knows each format that is read by its beginning', () => {
  expect(findFormat(latin1('\x89PNG\r\n\x1a\n...'))).toEqual({ format: 'png' })
  expect(findFormat(latin1('\xff\xd8\xff\xe0'))).toEqual({ format: 'jpeg' })
  expect(findFormat(latin1('RIFF....WEBPVP8 '))).toEqual({ format: 'webp' })
  expect(findFormat(latin1('GIF89a'))).toEqual({ format: 'gif' })
  expect(findFormat(latin1('\0\0\0\x1cftypavif\0\0\0\0mif1'))).toEqual({ format: 'avif' })
  expect(findFormat(latin1('\0\0\0\x18ftypmif1\0\0\0\0avif'))).toEqual({ format: 'avif' })
})

it.each([
  '<svg/>',
  '<svg xmlns="http://www.w3.org/2000/svg">',
  '\ufeff<?xml version="1.0"?>\n<!-- made by <hand> -->\n<svg>',
  '<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "svg11.dtd">\n<svg>',
  '<!DOCTYPE svg [ <!ENTITY ns "a>b"> ]>\n<svg:svg>',
])('knows a drawing behind its declarations: %s', (markup) => {
  expect(findFormat(text(markup))).toEqual({ format: 'svg' })
})

it('says what people have in place of an image', () => {
  expect(findFormat(text('<!DOCTYPE html><html>404'))).toEqual({ other: 'a web page' })
  expect(findFormat(text('version https://git-lfs.github.com/spec/v1'))).toEqual({
    other: 'a pointer of Git LFS, not the file',
  })
  expect(findFormat(text('<feed><svg/></feed>'))).toEqual({ other: 'XML, but no SVG' })
  expect(findFormat(latin1('II*\0'))).toEqual({ other: 'a TIFF' })
  expect(findFormat(latin1('\0\0\0\x18ftypheic\0\0\0\0mif1'))).toEqual({ other: 'a HEIC image or a video' })
  expect(findFormat(text('plain text'))).toBeUndefined()
})

it('has an answer to any bytes, and to any beginning of a drawing', () => {
  const bytes = fc.uint8Array({ maxLength: 64 })
  fc.assert(fc.property(bytes, (some) => void findFormat(some)))
  const markup = fc.array(
    fc.constantFrom('<', '!--', '-->', '<?', '?>', '<!DOCTYPE svg', '[', ']', '>', '<svg', ' '),
  )
  fc.assert(fc.property(markup, (parts) => void findFormat(text(parts.join('')))))
})
