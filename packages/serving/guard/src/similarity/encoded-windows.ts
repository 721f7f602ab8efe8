/**
 * Splits texts into windows and encodes each with its script's encoder. A window with too many unknown words goes to the encoder for
 * `other` scripts, which reads spelling, or to none.
 */

import type { Language } from '../check.ts'
import type { Encoder } from './encoder.ts'
import { type Question, question } from './vector-set.ts'
import { languagesOf, type TextWindow, windowsOf } from './windows.ts'

export interface EncodedWindow {
  readonly encoder: Encoder
  /** Language for calibration. */
  readonly language: Language
  readonly window: TextWindow
  /** Index of its text. */
  readonly text: number
  readonly vector: Float32Array
  readonly question: Question
}

export interface EncodedTexts {
  readonly windows: readonly EncodedWindow[]
  /** Why there are none. */
  readonly unread?: string
}

export type Maybe<T> = T | Promise<T>

/** Awaits only promises, so that checks with synchronous encoders stay synchronous. */
export function whenKnown<T, U>(value: Maybe<T>, next: (value: T) => Maybe<U>): Maybe<U> {
  return value instanceof Promise ? value.then(next) : next(value)
}

/** A window with a larger fraction of unknown letters is not read. */
const maxUnknown = 0.4

export function encodeTexts(
  encoders: readonly Encoder[],
  texts: readonly string[],
  isRead: (window: TextWindow, text: number) => boolean,
): Maybe<EncodedTexts> {
  const query = new Map<Encoder, Omit<EncodedWindow, 'vector' | 'question'>[]>()
  let unread = 'no words'
  texts.forEach((text, number) => {
    for (const window of windowsOf(text)) {
      if (!isRead(window, number)) continue
      const readers = readersOf(encoders, window)
      if (readers.length === 0) unread = whyUnread(encoders, window)
      for (const { encoder, language } of readers) {
        const windows = query.get(encoder) ?? []
        windows.push({ encoder, language, window, text: number })
        query.set(encoder, windows)
      }
    }
  })
  let windows: Maybe<readonly EncodedWindow[]> = []
  for (const [encoder, ofEncoder] of query) {
    const vectors = encoder.encode(ofEncoder.map(({ window }) => window.text))
    windows = whenKnown(windows, (before) =>
      whenKnown(vectors, (all) => [
        ...before,
        ...ofEncoder.flatMap((one, at) => {
          const asking = question(all[at]!)
          return asking.inverseLength === 0 ? [] : [{ ...one, vector: all[at]!, question: asking }]
        }),
      ]),
    )
  }
  return whenKnown(windows, (all) => (all.length === 0 ? { windows: all, unread } : { windows: all }))
}

function whyUnread(encoders: readonly Encoder[], window: TextWindow): string {
  const languages = languagesOf(window)
  if (languages.length === 0) return 'too few words'
  const speaks = ({ languages: spoken }: Encoder): boolean =>
    languages.some((language) => spoken.includes(language))
  return encoders.some(speaks) ? 'unknown words' : 'language'
}

interface Reader {
  readonly encoder: Encoder
  readonly language: Language
}

function readersOf(encoders: readonly Encoder[], window: TextWindow): readonly Reader[] {
  const readers: Reader[] = []
  for (const language of languagesOf(window)) {
    const reader = readerOf(encoders, window, language) ?? readerOf(encoders, window, 'other')
    if (reader !== undefined && !readers.some(({ encoder }) => encoder === reader.encoder))
      readers.push(reader)
  }
  return readers
}

function readerOf(
  encoders: readonly Encoder[],
  { text }: TextWindow,
  language: Language,
): Reader | undefined {
  const encoder = encoders.find(
    (one) => one.languages.includes(language) && (one.unknownRate?.(text) ?? 0) <= maxUnknown,
  )
  return encoder && { encoder, language }
}
