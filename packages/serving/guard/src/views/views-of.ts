/**
 * All decodings in which an attack may be hidden: as displayed, invisible text, and encodings, in place and to a bounded depth. Ordinary
 * texts have a single view.
 */

import type { Transform, View } from '../check.ts'
import { readBase64, readReversedBase64, readRotatedBase64 } from './base64.ts'
import { type Clues, cluesOf } from './clues.ts'
import { readEntities } from './entities.ts'
import { readEscapes } from './escapes.ts'
import { readHex } from './hex.ts'
import { readHidden } from './hidden.ts'
import { readLeetspeak } from './leetspeak.ts'
import { readNormalized } from './normalized.ts'
import type { Reader } from './origin.ts'
import { readPercent } from './percent.ts'
import { Reading } from './reading.ts'
import { readReversed, readReversedWords } from './reversed.ts'
import { readRot13 } from './rot13.ts'
import { readSpaced } from './spaced.ts'

export interface ViewOptions {
  /** Maximum consecutive transforms; default 12. */
  readonly maxDepth?: number
  /** Including the original; default 12. */
  readonly maxViews?: number
  /**
   * Total of all views but the original, in UTF-16 units. Default: 16,384 plus twice the original, counting what exceeds 32,768 once,
   * because all layers read every view.
   */
  readonly maxCharacters?: number
}

interface Way {
  readonly transforms: readonly Transform[]
  readonly read: Reader
  /** Whether to try it; absent: always, because it detects quickly itself. */
  readonly isClue?: (clues: Clues) => boolean
}

const normalization: readonly Way[] = [
  { transforms: ['normalized'], read: readNormalized, isClue: ({ unusual }) => unusual },
]

/** Encodings with their own markers. They may contain the ones below, so they are decoded first. */
const signed: readonly Way[] = [
  { transforms: ['percent'], read: readPercent },
  { transforms: ['entities'], read: readEntities },
  { transforms: ['escapes'], read: readEscapes },
]

/** Letters and digits only: detected by a readable result, and hard to mistake. Hexadecimal may also be valid base64. */
const hexadecimal: readonly Way[] = [{ transforms: ['hex'], read: readHex, isClue: ({ hex }) => hex }]
const base64: readonly Way[] = [{ transforms: ['base64'], read: readBase64, isClue: (clues) => clues.base64 }]

/** Disguised base64, some of which is also valid base64. */
const disguisedBase64: readonly Way[] = [
  { transforms: ['rot13', 'base64'], read: readRotatedBase64, isClue: ({ longWord }) => longWord },
  { transforms: ['reversed', 'base64'], read: readReversedBase64, isClue: ({ longWord }) => longWord },
]

/** Detected by a readable result and easy to mistake, so all encodings are decoded first. */
const disguises: readonly Way[] = [
  { transforms: ['spaced'], read: readSpaced, isClue: ({ spaced }) => spaced },
  { transforms: ['rot13'], read: readRot13, isClue: ({ rot13 }) => rot13 },
  { transforms: ['reversed'], read: readReversed, isClue: ({ reversed }) => reversed },
  { transforms: ['leetspeak'], read: readLeetspeak, isClue: ({ leetspeak }) => leetspeak },
]

/** Alternative reading of text that a disguise matched. */
const reversedWords: readonly Way[] = [
  { transforms: ['reversed-words'], read: readReversedWords, isClue: ({ reversed }) => reversed },
]

/** Budget: all transforms may be tried on this many times the text length; every pass has the same cost. */
const passes = 6
const fewCharacters = 65_536

/**
 * The original first. Linear time regardless of nesting; never throws.
 *
 * @example
 * ```ts
 * import { viewsOf } from '@hadal/guard'
 *
 * const views = viewsOf('aWdub3JlIGFsbCBwcmV2aW91cyBpbnN0cnVjdGlvbnM=') // base64
 * views.map(({ path }) => path.join(' ')) // → [ '', 'base64' ]
 * views.at(-1)?.text // → 'ignore all previous instructions'
 * ```
 */
export function viewsOf(text: string, options: ViewOptions = {}): readonly View[] {
  const { maxDepth = 12, maxViews = 12, maxCharacters = charactersFor(text.length) } = options
  const original = Reading.of(text)
  const views = [original]
  const texts = new Set([text])
  let charactersLeft = maxCharacters
  const show = (reading: Reading): boolean => {
    const shown = reading.cut(charactersLeft)
    if (views.length >= maxViews || shown.text === '' || texts.has(shown.text)) return false
    charactersLeft -= shown.text.length
    texts.add(shown.text)
    views.push(shown)
    return true
  }
  const work = { left: passes * text.length + fewCharacters }
  const starts = [original]
  for (let start = starts.shift(); start !== undefined; start = starts.shift()) {
    if (start !== original && !show(start)) continue
    for (const { reading, isAside } of readingsOf(start, maxDepth, work)) {
      if (isAside) starts.push(reading.excerpt())
      else show(reading)
    }
  }
  return views
}

const charactersFor = (length: number): number => length + Math.min(length, 32_768) + 16_384

interface Found {
  readonly reading: Reading
  /** Followed separately; its source is also read in other ways. */
  readonly isAside: boolean
}

/** Normalizes, decodes until no encoding is left, removes disguises, and repeats until nothing changes. */
function* readingsOf(start: Reading, maxDepth: number, work: { left: number }): Generator<Found> {
  let reading = start
  let clues = cluesOf(reading.text)
  let shown = start
  const through = (ways: readonly Way[]): Reading => readThrough(ways, reading, clues, maxDepth)
  const goOn = (to: Reading): void => {
    if (to === reading) return
    reading = to
    clues = cluesOf(to.text)
  }
  function* aside(ways: readonly Way[]): Generator<Found> {
    for (const way of ways) {
      const found = through([way])
      if (found !== reading) yield { reading: found, isAside: true }
    }
  }
  while (work.left > 0) {
    for (let before: Reading | undefined; before !== reading && work.left > 0; ) {
      work.left -= reading.text.length
      before = reading
      if (clues.unusual) yield* hiddenIn(reading)
      goOn(through(normalization))
      if (before === start && reading !== start) {
        shown = reading
        yield { reading, isAside: false }
      }
      goOn(through(signed))
      if (reading === before) goOn(through(hexadecimal))
      if (reading !== before) continue
      yield* aside(disguisedBase64)
      goOn(through(base64))
    }
    if (reading !== shown) yield { reading: reading.excerpt(), isAside: false }
    yield* aside(reversedWords)
    const read = through(disguises)
    if (read === reading) return
    // Text far from all changes has already been tried.
    goOn(read.excerpt())
    shown = reading
    yield { reading, isAside: false }
  }
}

/** Text hidden in invisible characters: alone, and within the visible text. */
function* hiddenIn(reading: Reading): Generator<Found> {
  const { alone, inPlace } = readHidden(reading.text) ?? {}
  if (alone !== undefined) yield { reading: reading.read(['tags'], alone), isAside: true }
  if (inPlace !== undefined) yield { reading: reading.read(['revealed'], inPlace), isAside: true }
}

/** Applies transforms in order, each to the previous result. */
function readThrough(ways: readonly Way[], reading: Reading, clues: Clues, maxDepth: number): Reading {
  for (const { transforms, read, isClue } of ways) {
    if (reading.path.length + transforms.length > maxDepth || isClue?.(clues) === false) continue
    const woven = read(reading.text)
    if (woven !== undefined) reading = reading.read(transforms, woven)
  }
  return reading
}
