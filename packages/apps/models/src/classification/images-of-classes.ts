/** Which images `hadal classify` looks at, and by which names: files, or folders of them that are named after their classes. */

import { readdirSync, readFileSync, statSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { usage } from '@hadal/output'
import { type CaptionedImage, isImageFile } from '@hadal/train'

const command = 'hadal classify'

export function imagesAt(given: string, folder: string): CaptionedImage[] {
  const path = resolve(folder, given)
  const one = (image: string, name: string): CaptionedImage => ({ image, name, place: image, captions: [] })
  // A missing path is reported with the images that do not decode.
  if (!statSync(path, { throwIfNoEntry: false })?.isDirectory()) return [one(path, given)]
  const names = readdirSync(path, { recursive: true, encoding: 'utf8' }).filter(isImageFile).sort()
  return names.map((name) => one(join(path, name), join(given, name)))
}

export const folderOf = ({ image }: CaptionedImage): string => basename(dirname(image as string))

export function foldersOf(rows: readonly CaptionedImage[]): string[] {
  const names = [...new Set(rows.map(folderOf))].sort()
  if (names.length < 2)
    throw usage(
      '--classes is missing, and the images do not lie in folders named after their classes',
      command,
    )
  return names
}

/** Named one by one, or a file of them, one a line. */
export function classesOf(given: string, folder: string): string[] {
  const path = resolve(folder, given)
  const text = statSync(path, { throwIfNoEntry: false })?.isFile() ? readFileSync(path, 'utf8') : given
  const split = text === given ? text.split(',') : text.split(/\r?\n/)
  const names = [...new Set(split.map((name) => name.trim()).filter((name) => name !== ''))]
  if (names.length < 2)
    throw usage(`--classes names ${names.length} classes; there must be two or more`, command)
  return names
}
