import { mkdtempSync, readdirSync, rmSync, truncateSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, expect, it, vi } from 'vitest'
import { decodeCached, openPixelCache } from './pixel-cache.ts'
import type { Pixels } from './pixels.ts'

const folders: string[] = []
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true })
})
const newFolder = () => {
  folders.push(mkdtempSync(join(tmpdir(), 'hadal-pixels-')))
  return folders.at(-1)!
}
const image = (value: number): Pixels => ({ width: 2, height: 1, data: new Uint8Array(6).fill(value) })
const made = (value: number) => vi.fn(() => Promise.resolve(image(value)))

it('makes an image once, also where several ask at once', async () => {
  const cache = openPixelCache({ maxBytes: 100 })
  const make = made(1)
  const all = await Promise.all([cache.get('a', make), cache.get('a', make)])
  expect(await cache.get('a', make)).toBe(all[0])
  expect(make).toHaveBeenCalledTimes(1)
  expect(cache.counts).toEqual({ memory: 1, files: 0, made: 1 })
})

it('keeps what came first, and makes the rest again where there is no folder', async () => {
  const cache = openPixelCache({ maxBytes: 6 })
  const [first, second] = [made(1), made(2)]
  for (let epoch = 0; epoch < 3; epoch++) {
    await cache.get('a', first)
    await cache.get('b', second)
  }
  expect([first.mock.calls.length, second.mock.calls.length]).toEqual([1, 3])
})

it('keeps the rest in files, for this run and for later ones', async () => {
  const folder = join(newFolder(), 'made', 'here')
  const cache = openPixelCache({ maxBytes: 6, folder })
  const [first, second] = [made(1), made(2)]
  await cache.get('a', first)
  await cache.get('b', second)
  expect([...(await cache.get('b', second)).data]).toEqual([...image(2).data])
  expect(second).toHaveBeenCalledTimes(1)
  const later = openPixelCache({ maxBytes: 0, folder })
  expect(await later.get('b', second)).toMatchObject({ width: 2, height: 1 })
  expect(later.counts).toEqual({ memory: 0, files: 1, made: 0 })
})

it('makes again what is damaged in its file, and what failed before', async () => {
  const folder = newFolder()
  const make = made(3)
  await openPixelCache({ maxBytes: 0, folder }).get('a', make)
  truncateSync(join(folder, readdirSync(folder)[0]!), 20)
  const cache = openPixelCache({ maxBytes: 0, folder })
  expect([...(await cache.get('a', make)).data]).toEqual([...image(3).data])
  await expect(cache.get('b', () => Promise.reject(new Error('no')))).rejects.toThrow('no')
  expect(await cache.get('b', make)).toBeDefined()
  expect(make).toHaveBeenCalledTimes(3)
})

it('names a folder that cannot be written to, and a size that is none', async () => {
  const file = join(newFolder(), 'file')
  writeFileSync(file, '')
  await expect(openPixelCache({ maxBytes: 0, folder: file }).get('a', made(1))).rejects.toEqual(
    expect.objectContaining({ code: 'image_cache_unwritable', message: expect.stringContaining(file) }),
  )
  expect(() => openPixelCache({ maxBytes: -1 })).toThrow(
    expect.objectContaining({ code: 'image_option_invalid' }),
  )
})

it('decodes a file again when it was changed, or when another size is wanted', async () => {
  const path = join(newFolder(), 'a.png')
  const write = async (background: string) =>
    writeFileSync(
      path,
      await sharp({ create: { width: 4, height: 4, channels: 3, background } })
        .png()
        .toBuffer(),
    )
  const cache = openPixelCache({ maxBytes: 1000 })
  const decode = (side: number) => decodeCached(cache, path, { width: side, height: side })
  await write('#f00')
  await decode(4)
  expect((await decode(4)).data[0]).toBe(255)
  await decode(2)
  await write('#00f')
  utimesSync(path, 1, 1)
  expect((await decode(4)).data[0]).toBe(0)
  expect(cache.counts).toEqual({ memory: 1, files: 0, made: 3 })
  const bytes = await sharp({ create: { width: 4, height: 4, channels: 3, background: '#0f0' } })
    .png()
    .toBuffer()
  expect((await decodeCached(cache, bytes, { width: 4, height: 4 })).data[1]).toBe(255)
})
