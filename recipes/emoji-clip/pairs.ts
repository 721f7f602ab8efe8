// Pictures with what people say of them: two families of emoji, which share their captions, and stamps. Knows nothing about pixels.

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { CaptionedImage } from '@hadal/train'

/** Pairs of both families and the stamps; the name of an emoji is the same in both. */
export interface EmojiPairs {
  readonly openmoji: readonly CaptionedImage[]
  readonly twemoji: readonly CaptionedImage[]
  readonly stamps: readonly CaptionedImage[]
}

export function readPairs(folder: string): EmojiPairs {
  const modules = join(folder, 'node_modules')
  const emoji = readEmoji(modules)
  return {
    openmoji: emoji.flatMap((each) =>
      rowOf(each, join(modules, 'openmoji/color/svg', `${each.hexcode}.svg`)),
    ),
    twemoji: emoji.flatMap((each) => rowOf(each, otherDrawing(modules, each.hexcode))),
    stamps: readStamps(join(folder, 'stamps')),
  }
}

interface Emoji {
  readonly hexcode: string
  readonly captions: readonly string[]
}

interface OpenMoji {
  readonly hexcode: string
  readonly annotation: string
  readonly tags: string
  readonly openmoji_tags: string
  /** Key shared by emoji that differ by skin tone alone. */
  readonly skintone: string
}

interface Emojibase {
  readonly hexcode: string
  readonly label: string
  readonly tags?: readonly string[]
}

/** The name comes first in `captions`; then what else it is called, and its tags. */
function readEmoji(modules: string): Emoji[] {
  const read = (path: string): unknown => JSON.parse(readFileSync(join(modules, path), 'utf8'))
  const labels = new Map(
    (read('emojibase-data/en/data.json') as Emojibase[]).map((each) => [each.hexcode, each]),
  )
  const names = new Set<string>()
  return (read('openmoji/data/openmoji.json') as OpenMoji[])
    .filter(({ skintone }) => skintone === '')
    .flatMap(({ hexcode, annotation, tags, openmoji_tags }) => {
      const known = labels.get(hexcode)
      const name = annotation.toLowerCase()
      if (names.has(name)) return []
      names.add(name)
      const tagged = [...new Set([...words(tags), ...words(openmoji_tags), ...(known?.tags ?? [])])]
      const captions = [name, known?.label.toLowerCase() ?? name]
      if (tagged.length > 0) captions.push(tagged.join(' '), `${name} ${tagged.join(' ')}`)
      return [{ hexcode, captions: [...new Set(captions)] }]
    })
}

const words = (tags: string): string[] => tags.toLowerCase().split(/,\s*/).filter(Boolean)

const rowOf = ({ hexcode, captions }: Emoji, image: string): CaptionedImage[] =>
  existsSync(image) ? [{ image, captions, name: hexcode, place: image }] : []

/** Its names are in lower case, and leave a variation selector out where nothing else follows. */
function otherDrawing(modules: string, hexcode: string): string {
  const path = (name: string): string => join(modules, '@twemoji/svg', `${name.toLowerCase()}.svg`)
  return existsSync(path(hexcode)) ? path(hexcode) : path(hexcode.replaceAll('-FE0F', ''))
}

/** Every picture with a text file of the same name, whose first line is English. */
function readStamps(folder: string): CaptionedImage[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .toSorted()
    .filter((name) => /\.(png|svg)$/.test(name))
    .flatMap((name) => {
      const image = join(folder, name)
      const text = image.replace(/\.(png|svg)$/, '.txt')
      if (!existsSync(text)) return []
      const [caption = ''] = readFileSync(text, 'utf8').split('\n')
      return caption.trim() === '' ? [] : [{ image, captions: [caption.trim()], name, place: text }]
    })
}
