/**
 * Reads captioned images from disk: JSON lines that name images, or a folder of images with a text file each. Checks that files
 * exist; decoding comes later.
 */

import { readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, extname, isAbsolute, join, resolve } from 'node:path'
import { messageOf } from '@hadal/base'
import { dataFileUnreadable, LineReader } from '@hadal/nn'
import { captionsOf, collectImages, type ImageTextData, type SkippedRow } from './image-text.ts'

/**
 * Reads images and captions from JSON lines, a folder of images with text files, or a Parquet file.
 * @param path JSON lines, `{"image": "cats/1.jpg", "caption": "..."}` or `"captions": [...]`, with paths relative to the file; or a
 *   folder, searched recursively, where `1.txt` holds captions of `1.jpg`, one per line
 * @throws nn_data_file_unreadable where the file or folder itself cannot be read; rows that cannot be used are in `skipped`
 *
 * @example
 * ```ts
 * import { readImageText } from '@hadal/train'
 *
 * const { rows, skipped } = readImageText('pairs.jsonl')
 * for (const { place, reason } of skipped) console.warn(`${place}: ${reason}`)
 * ```
 */
export function readImageText(path: string): ImageTextData {
  return isFolder(path) ? readFolder(path) : readLines(path)
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory()
  } catch (thrown) {
    throw dataFileUnreadable(path, messageOf(thrown)).with({ cause: thrown })
  }
}

function readLines(path: string): ImageTextData {
  const collected = collectImages()
  using lines = new LineReader(path)
  for (let line = lines.next(); line !== undefined; line = lines.next()) {
    const { number, content } = line
    if ('text' in content && content.text.trim() === '') continue
    const place = `${path}:${number}`
    const read = 'issue' in content ? badRow(content.issue) : readRow(content.text, dirname(path))
    if ('kind' in read) collected.skip({ place, ...read })
    else collected.add({ ...read, place })
  }
  return collected.data()
}

type Unplaced = Omit<SkippedRow, 'place'>
const badRow = (reason: string): Unplaced => ({ kind: 'bad row', reason })

function readRow(
  text: string,
  folder: string,
): { readonly image: string; readonly name: string; readonly captions: readonly string[] } | Unplaced {
  let row: unknown
  try {
    row = JSON.parse(text)
  } catch (thrown) {
    return badRow(`it is not JSON: ${messageOf(thrown)}`)
  }
  if (typeof row !== 'object' || row === null || Array.isArray(row)) return badRow('it must be a JSON object')
  const { image: name } = row as { readonly image?: unknown }
  if (typeof name !== 'string' || name === '') {
    return badRow(
      name === undefined ? 'it has no image field' : `image must be a path, got ${JSON.stringify(name)}`,
    )
  }
  if (/^[a-z][a-z+.-]+:\/\//i.test(name)) {
    return badRow(`image ${name} is a URL: images must be local files, nothing is downloaded`)
  }
  const captions = captionsOf(row)
  if ('issue' in captions) return { kind: captions.kind, reason: captions.issue }
  const image = isAbsolute(name) ? name : resolve(folder, name)
  const missing = whyMissing(image)
  if (missing !== undefined) return { kind: 'no image', reason: `${missing} at ${image}` }
  return { image, name, ...captions }
}

function whyMissing(path: string): string | undefined {
  try {
    return statSync(path).isFile() ? undefined : 'no file'
  } catch (thrown) {
    const { code } = thrown as NodeJS.ErrnoException
    return code === 'ENOENT' ? 'no image' : `it cannot be read (${code})`
  }
}

/**
 * By extension: selects the images among a folder's files.
 *
 * @internal
 */
export const isImageFile = (name: string): boolean => imageExtensions.has(extname(name).toLowerCase())

const imageExtensions: ReadonlySet<string> = new Set([
  '.png',
  '.jpg',
  '.jpeg',
  '.webp',
  '.gif',
  '.avif',
  '.svg',
])

function readFolder(folder: string): ImageTextData {
  const collected = collectImages()
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort()
  const stem = (name: string): string => name.slice(0, name.length - extname(name).length)
  const texts = new Set(names.filter((name) => extname(name).toLowerCase() === '.txt'))
  const used = new Set<string>()
  for (const name of names) {
    if (!isImageFile(name)) continue
    const place = join(folder, name)
    const text = ['.txt', '.TXT'].map((extension) => stem(name) + extension).find((path) => texts.has(path))
    if (text === undefined) {
      collected.skip({ place, kind: 'no caption', reason: `${stem(name)}.txt does not exist next to it` })
      continue
    }
    used.add(text)
    const captions = captionsOf({ captions: readCaptions(join(folder, text)) })
    if ('issue' in captions) collected.skip({ place, kind: captions.kind, reason: `${text} is empty` })
    else collected.add({ image: resolve(place), name, place, ...captions })
  }
  for (const text of texts) {
    if (used.has(text)) continue
    collected.skip({ place: join(folder, text), kind: 'no image', reason: 'no image has its name' })
  }
  return collected.data()
}

const readCaptions = (path: string): string[] => {
  try {
    return readFileSync(path, 'utf8')
      .replace(/^\ufeff/, '')
      .split(/\r?\n/)
  } catch (thrown) {
    throw dataFileUnreadable(path, messageOf(thrown)).with({ cause: thrown })
  }
}
