/**
 * A cache of decoded images, so that only the first epoch decodes: in memory up to a size, then in files if a folder is given.
 * Entries are never evicted: training visits every image once per epoch, so LRU would evict each just before its use.
 */

import { createHash } from 'node:crypto'
import { mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { messageOf } from '@hadal/base'
import { type DecodeOptions, decodeImage } from './decode-image.ts'
import { imageCacheUnwritable, imageOptionInvalid } from './errors.ts'
import type { Pixels } from './pixels.ts'

export interface PixelCacheOptions {
  /** Maximum bytes of pixels in memory; 0 keeps none there. */
  readonly maxBytes: number
  /** For what memory has no room for, made if it is not there. Without one it is decoded again. */
  readonly folder?: string
}

export interface PixelCache {
  /** Returns the cached pixels of the key, or calls `make` and caches the result. Concurrent callers share one `make`. */
  get(key: string, make: () => Promise<Pixels>): Promise<Pixels>
  readonly counts: { readonly memory: number; readonly files: number; readonly made: number }
}

/**
 * Decoded pixels in memory, and in a folder where one is named.
 *
 * @example
 * ```ts
 * import { decodeImage, openPixelCache } from '@hadal/images'
 *
 * const cache = openPixelCache({ maxBytes: 2 ** 28, folder: '.cache/pixels' })
 * const pixels = await cache.get('cat.jpg 224', () => decodeImage('cat.jpg', { width: 224, height: 224 }))
 * ```
 */
export function openPixelCache({ maxBytes, folder }: PixelCacheOptions): PixelCache {
  if (!(maxBytes >= 0)) throw imageOptionInvalid('maxBytes', maxBytes, 'a number of bytes, 0 or more')
  const kept = new Map<string, Pixels>()
  const underWay = new Map<string, Promise<Pixels>>()
  const counts = { memory: 0, files: 0, made: 0 }
  let room = maxBytes

  /** @returns whether there was room */
  const keep = (key: string, pixels: Pixels): boolean => {
    if (pixels.data.length > room) return false
    room -= pixels.data.length
    kept.set(key, pixels)
    return true
  }
  const find = async (key: string, make: () => Promise<Pixels>): Promise<Pixels> => {
    const path = folder === undefined ? undefined : join(folder, fileNameOf(key))
    const found = path === undefined ? undefined : await readPixels(path)
    if (found) {
      counts.files++
      keep(key, found)
      return found
    }
    const pixels = await make()
    counts.made++
    if (!keep(key, pixels) && folder !== undefined) await writePixels(folder, fileNameOf(key), pixels)
    return pixels
  }
  return {
    counts,
    get: (key, make) => {
      const inMemory = kept.get(key)
      if (inMemory) {
        counts.memory++
        return Promise.resolve(inMemory)
      }
      const shared = underWay.get(key)
      if (shared) return shared
      const finding = find(key, make).finally(() => underWay.delete(key))
      underWay.set(key, finding)
      return finding
    },
  }
}

/**
 * `decodeImage` through a cache: a file that was changed, or another size, is another image.
 *
 * @example
 * ```ts
 * import { decodeCached, openPixelCache } from '@hadal/images'
 *
 * const cache = openPixelCache({ maxBytes: 2 ** 28 })
 * const pixels = await decodeCached(cache, 'cat.jpg', { width: 224, height: 224 })
 * console.log(cache.counts)
 * ```
 */
export async function decodeCached(
  cache: PixelCache,
  source: string | Uint8Array,
  options: DecodeOptions,
): Promise<Pixels> {
  const { width, height, fit = 'crop', background = '#ffffff' } = options
  const content = typeof source === 'string' ? await versionOf(source) : digest(source)
  const key = [content, width, height, fit, background].join('\n')
  return await cache.get(key, () => decodeImage(source, options))
}

/** If the file cannot be read, decoding reports why. */
async function versionOf(path: string): Promise<string> {
  const facts = await stat(path, { bigint: true }).catch(() => undefined)
  return `${path}\n${facts?.size}\n${facts?.mtimeNs}`
}

const digest = (bytes: Uint8Array | string): string => createHash('sha256').update(bytes).digest('hex')
const fileNameOf = (key: string): string => `${digest(key).slice(0, 40)}.pixels`

const magic = 'hadal pixels 1\n\n'
const headerBytes = magic.length + 8

/** Whole or not at all: a process that is killed leaves no half of one. */
async function writePixels(folder: string, name: string, { data, width, height }: Pixels): Promise<void> {
  const header = Buffer.alloc(headerBytes)
  header.write(magic, 'latin1')
  header.writeUInt32LE(width, magic.length)
  header.writeUInt32LE(height, magic.length + 4)
  const unfinished = join(folder, `${name}.${process.pid}`)
  try {
    await mkdir(folder, { recursive: true })
    await writeFile(unfinished, Buffer.concat([header, data]))
    await rename(unfinished, join(folder, name))
  } catch (error) {
    // A full disk makes a run slower, and does not end it.
    await rm(unfinished, { force: true }).catch(() => {})
    if ((error as NodeJS.ErrnoException).code === 'ENOSPC') return
    throw imageCacheUnwritable(folder, messageOf(error)).with({ cause: error })
  }
}

/** Undefined if the file is missing or incomplete. */
async function readPixels(path: string): Promise<Pixels | undefined> {
  const bytes = await readFile(path).catch(() => undefined)
  if (!bytes || bytes.length < headerBytes || bytes.toString('latin1', 0, magic.length) !== magic)
    return undefined
  const width = bytes.readUInt32LE(magic.length)
  const height = bytes.readUInt32LE(magic.length + 4)
  const data = bytes.subarray(headerBytes)
  return data.length === width * height * 3 ? { data, width, height } : undefined
}
