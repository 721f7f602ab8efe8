import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import fc from 'fast-check'
import sharp, { type Color } from 'sharp'
import { afterAll, expect, it } from 'vitest'
import { decodeImage } from './decode-image.ts'
import { isImageError } from './errors.ts'

const folder = mkdtempSync(join(tmpdir(), 'hadal-images-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** Red on the left, green on the right, or one colour. */
const halves = (width = 64, height = 32) =>
  sharp({ create: { width, height, channels: 3, background: '#f00' } }).composite([
    {
      input: { create: { width: width / 2, height, channels: 3, background: '#0f0' } },
      left: width / 2,
      top: 0,
    },
  ])
const filled = (background: Color) => sharp({ create: { width: 16, height: 16, channels: 4, background } })
const at = ({ data, width }: { data: Uint8Array; width: number }, x: number, y: number) => [
  ...data.subarray((y * width + x) * 3, (y * width + x) * 3 + 3),
]
/** The beginning of a PNG, which says its size, and nothing after it. */
function pngHeader(width: number, height: number): Buffer {
  const chunk = Buffer.alloc(33)
  chunk.write('\x89PNG\r\n\x1a\n', 'latin1')
  chunk.writeUInt32BE(13, 8)
  chunk.write('IHDR', 12)
  chunk.writeUInt32BE(width, 16)
  chunk.writeUInt32BE(height, 20)
  chunk.set([8, 2, 0, 0, 0], 24)
  chunk.writeUInt32BE(crc32(chunk.subarray(12, 29)), 29)
  return Buffer.concat([chunk, Buffer.from('\0\0\0\0IDAT\x35\xaf\x06\x1e', 'latin1')])
}
const small = { width: 16, height: 16 }
const code = (wanted: string, ...said: string[]) =>
  expect.objectContaining({ code: wanted, message: expect.stringMatching(said.join('.*')) })

it.each(['png', 'jpeg', 'webp', 'gif', 'avif'] as const)(
  'decodes %s to rows of red, green and blue',
  async (format) => {
    const bytes = await halves().toFormat(format, { quality: 90 }).toBuffer()
    const pixels = await decodeImage(bytes, { ...small, fit: 'stretch' })
    expect(pixels).toMatchObject(small)
    expect(pixels.data).toHaveLength(16 * 16 * 3)
    const [red, green] = [at(pixels, 2, 8), at(pixels, 13, 8)]
    expect(red[0]).toBeGreaterThan(240)
    expect(red[1]).toBeLessThan(16)
    expect(green[1]).toBeGreaterThan(240)
    expect(green[0]).toBeLessThan(16)
  },
)

it('renders a drawing at the size wanted, sharp at its edges', async () => {
  const svg =
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 4 4"><rect width="2" height="4" fill="#f00"/></svg>'
  const pixels = await decodeImage(Buffer.from(svg), { width: 100, height: 100, background: '#00f' })
  expect([at(pixels, 48, 50), at(pixels, 51, 50)]).toEqual([
    [255, 0, 0],
    [0, 0, 255],
  ])
})

it('lays what is transparent over the background', async () => {
  const bytes = await filled({ r: 255, g: 0, b: 0, alpha: 0.5 }).png().toBuffer()
  expect(at(await decodeImage(bytes, small), 8, 8)).toEqual([255, 127, 127])
  expect(at(await decodeImage(bytes, { ...small, background: '#000' }), 8, 8)).toEqual([128, 0, 0])
})

it('makes three channels of 8 bits of whatever there is: grey, CMYK, 16 bits', async () => {
  const grey = await filled('#808080').flatten().toColourspace('b-w').png().toBuffer()
  expect(at(await decodeImage(grey, small), 1, 1)).toEqual([128, 128, 128])
  const cmyk = await filled('#fff').flatten().toColourspace('cmyk').jpeg().toBuffer()
  for (const value of at(await decodeImage(cmyk, small), 1, 1)) expect(value).toBeGreaterThan(245)
  const deep = await filled('#336699').toColourspace('rgb16').png().toBuffer()
  expect(at(await decodeImage(deep, small), 1, 1)).toEqual([0x33, 0x66, 0x99])
})

it('turns a picture upright that a camera laid down', async () => {
  const bytes = await halves().withMetadata({ orientation: 6 }).jpeg({ quality: 95 }).toBuffer()
  const pixels = await decodeImage(bytes, { width: 32, height: 32, fit: 'whole' })
  expect(pixels).toMatchObject({ width: 32, height: 64 })
  expect(at(pixels, 16, 4)[0]).toBeGreaterThan(240)
  expect(at(pixels, 16, 60)[1]).toBeGreaterThan(240)
})

it('crops, pads and keeps whole', async () => {
  const bytes = await halves(64, 16).png().toBuffer()
  const cropped = await decodeImage(bytes, small)
  expect([at(cropped, 0, 0), at(cropped, 15, 0)]).toEqual([
    [255, 0, 0],
    [0, 255, 0],
  ])
  const padded = await decodeImage(bytes, { ...small, fit: 'pad', background: '#00f' })
  expect([at(padded, 2, 0), at(padded, 2, 8), at(padded, 2, 15)]).toEqual([
    [0, 0, 255],
    [255, 0, 0],
    [0, 0, 255],
  ])
  expect(await decodeImage(bytes, { ...small, fit: 'whole' })).toMatchObject({ width: 64, height: 16 })
})

it('goes by the content, whatever the extension says', async () => {
  const path = join(folder, 'really-a-png.jpg')
  writeFileSync(path, await halves().png().toBuffer())
  expect(await decodeImage(path, small)).toMatchObject(small)
})

it('says what is wrong with a file, and which file it is', async () => {
  const put = (name: string, content: string | Uint8Array) => {
    writeFileSync(join(folder, name), content)
    return join(folder, name)
  }
  mkdirSync(join(folder, 'folder.png'))
  const cases: [string, unknown][] = [
    [join(folder, 'nowhere.png'), code('image_not_found', 'nowhere.png')],
    [join(folder, 'folder.png'), code('image_unreadable', 'folder.png', 'it is a folder')],
    [put('empty.png', ''), code('image_invalid', 'empty.png', 'it is empty')],
    [put('text.png', 'hello'), code('image_invalid', 'text.png', 'no format that is known')],
    [put('page.jpg', '<html>not found</html>'), code('image_format_unsupported', 'page.jpg', 'a web page')],
    [put('cut.png', (await halves().png().toBuffer()).subarray(0, 60)), code('image_invalid', 'cut.png')],
    [put('broken.svg', '<svg xmlns="http://www.w3.org/2000/svg"><rect'), code('image_invalid', 'broken.svg')],
    [
      put('flat.svg', '<svg xmlns="http://www.w3.org/2000/svg" width="0" height="5"/>'),
      code('image_invalid', 'flat.svg'),
    ],
  ]
  for (const [path, wanted] of cases) {
    const error = await decodeImage(path, small).then(
      () => undefined,
      (thrown: unknown) => thrown,
    )
    expect(error).toEqual(wanted)
    expect(isImageError(error)).toBe(true)
  }
})

it('refuses what would take too much, before it is decoded', async () => {
  const bytes = await halves(256, 256).png().toBuffer()
  const tight = { maxBytes: bytes.length - 1 }
  await expect(decodeImage(bytes, { ...small, limits: tight })).rejects.toEqual(
    code('image_too_many_bytes', 'given'),
  )
  await expect(decodeImage(bytes, { ...small, limits: { maxPixels: 65_535 } })).rejects.toEqual(
    code('image_too_many_pixels', '256 x 256'),
  )
  // Nothing of the size that a header asks for is ever allocated.
  await expect(decodeImage(pngHeader(60_000, 60_000), { ...small, name: 'bomb.png' })).rejects.toEqual(
    code('image_too_many_pixels', 'bomb.png', '60000 x 60000'),
  )
  const long = '<svg xmlns="http://www.w3.org/2000/svg" width="1" height="100000"/>'
  await expect(decodeImage(Buffer.from(long), { width: 1000, height: 1000 })).rejects.toEqual(
    code('image_too_many_pixels'),
  )
})

it('waits for no image longer than it may', async () => {
  // Seconds of drawing, which goes on after the error: whatever the test's process does next shares the processor with it.
  const slow = Array.from(
    { length: 2 },
    (_, depth) => `<g id="g${depth + 1}">${`<use href="#g${depth}"/>`.repeat(10)}</g>`,
  ).join('')
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><defs><rect id="g0" width="9" height="9" filter="blur(3px)"/>${slow}</defs><use href="#g2"/></svg>`
  const error = await decodeImage(Buffer.from(svg), {
    width: 512,
    height: 512,
    limits: { timeoutMs: 50 },
  }).catch((thrown) => thrown)
  expect(error).toEqual(code('image_too_slow', '50 ms'))
})

it('validates its options', async () => {
  await expect(decodeImage('a.png', { width: 0, height: 16 })).rejects.toEqual(
    code('image_option_invalid', 'width'),
  )
  await expect(decodeImage('a.png', { ...small, limits: { maxPixels: 0.5 } })).rejects.toEqual(
    code('image_option_invalid', 'limits.maxPixels'),
  )
  const bytes = await halves().png().toBuffer()
  await expect(decodeImage(bytes, { ...small, background: 'no colour' })).rejects.toEqual(
    code('image_option_invalid', 'background'),
  )
})

it('gives pixels or a named error for any damage to any format, and never hangs', async () => {
  const noise = Buffer.from(Array.from({ length: 24 * 24 * 3 }, (_, index) => (index * 2654435761) >>> 24))
  const source = sharp(noise, { raw: { width: 24, height: 24, channels: 3 } })
  const svg = Buffer.from(
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><circle r="4" fill="red"/></svg>',
  )
  const files = await Promise.all(
    (['png', 'jpeg', 'webp', 'gif', 'avif'] as const).map((format) =>
      source.clone().toFormat(format).toBuffer(),
    ),
  )
  const damaged = fc
    .record({
      file: fc.constantFrom(...files, svg),
      length: fc.double({ min: 0, max: 1, noNaN: true }),
      changes: fc.array(fc.tuple(fc.nat(), fc.integer({ min: 1, max: 255 })), { maxLength: 6 }),
    })
    .map(({ file, length, changes }) => {
      const bytes = Buffer.from(file.subarray(0, Math.round(file.length * length)))
      for (const [place, change] of changes) if (bytes.length > 0) bytes[place % bytes.length]! ^= change
      return bytes
    })
  await fc.assert(
    fc.asyncProperty(damaged, async (bytes) => {
      const result = await decodeImage(bytes, { ...small, name: 'fuzz' }).catch((error: unknown) => error)
      if (result instanceof Error) {
        expect(isImageError(result), String(result)).toBe(true)
        expect(result.message).toContain('fuzz')
      } else expect(result).toMatchObject(small)
    }),
    { numRuns: 150 },
  )
})

const hasPil = (() => {
  try {
    execFileSync('/usr/bin/python3', ['-c', 'import PIL, numpy'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
})()

it.skipIf(!hasPil).each([
  ['smaller', 301, 203, 64, 1, 16],
  ['larger', 21, 13, 64, 0.6, 2],
  ['hardly smaller', 90, 70, 64, 1, 16],
])(
  'resizes to what is %s as PIL does, which CLIP was trained with',
  async (name, width, height, side, mean, most) => {
    const wave = Buffer.from(
      Array.from({ length: width * height * 3 }, (_, index) => {
        const [x, y] = [Math.floor(index / 3) % width, Math.floor(index / 3 / width)]
        return 127 + 120 * Math.sin(x / (5 + (index % 3)) + y / 9)
      }),
    )
    const path = join(folder, `${name}.png`)
    writeFileSync(
      path,
      await sharp(wave, { raw: { width, height, channels: 3 } })
        .png()
        .toBuffer(),
    )
    const program = `
import sys
from PIL import Image
image = Image.open(sys.argv[1]).convert('RGB')
side = int(sys.argv[2])
w, h = image.size
image = image.resize((side * w // h, side), Image.BICUBIC)
left = (image.width - side) // 2
sys.stdout.buffer.write(image.crop((left, 0, left + side, side)).tobytes())
`
    const theirs = execFileSync('/usr/bin/python3', ['-c', program, path, `${side}`])
    const ours = (await decodeImage(path, { width: side, height: side })).data
    const apart = [...theirs].map((value, index) => Math.abs(value - ours[index]!))
    expect(apart.reduce((sum, value) => sum + value, 0) / apart.length).toBeLessThan(mean)
    expect(Math.max(...apart)).toBeLessThan(most)
  },
)
