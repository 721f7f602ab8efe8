/** The process-wide output language; English until `speak` is called. JSON, generated files, codes, flags and ids are never translated. */

import type { Language } from './language.ts'
import type { Texts, Words } from './words.ts'

let spoken: Words | undefined

/** Dictionaries are loaded on demand. */
export async function speak(language: Language): Promise<void> {
  shapes = undefined
  spoken = language === 'zh' ? (await import('./zh/index.ts')).chinese : undefined
}

export const spokenWords = (): Words | undefined => spoken

/** Translates a text without placeholders; unknown texts are unchanged. */
export const translate = (text: string): string => entryOf(spoken?.texts, text) ?? text

/** A text with values: say`${done} of ${total} requests`. Dictionaries contain it as '{0} of {1} requests' and may reorder the values. */
export function say(parts: TemplateStringsArray, ...values: readonly unknown[]): string {
  const translated = entryOf(spoken?.texts, keyOf(parts))
  if (translated === undefined) return String.raw({ raw: parts }, ...values)
  return translated.replace(/\{(\d+)\}/g, (_, at: string) => String(values[Number(at)]))
}

/** Longer texts are user input, not messages. */
const longestSentence = 4_000

/**
 * Translates a formatted text of another package by matching its fixed parts. Values may be such texts themselves. Unknown texts are
 * unchanged.
 */
export function recognise(text: string): string {
  if (spoken === undefined || text.length > longestSentence) return text
  const whole = entryOf(spoken.made, text)
  if (whole !== undefined) return whole
  shapes ??= shapesOf(spoken.made)
  for (const { between, translated } of shapes) {
    const values = valuesBetween(between, text)
    if (values !== undefined)
      return translated.replace(/\{(\d+)\}/g, (_, at: string) => recognise(values[Number(at)] ?? ''))
  }
  return text
}

/** Own properties only, because a text may be `constructor` or the like. */
const entryOf = (texts: Texts | undefined, text: string): string | undefined =>
  texts !== undefined && Object.hasOwn(texts, text) ? texts[text] : undefined

interface Shape {
  /** The fixed parts: one more than there are values. */
  readonly between: readonly string[]
  readonly translated: string
}

let shapes: readonly Shape[] | undefined

/** Most specific first. */
const shapesOf = (made: Texts): Shape[] =>
  Object.entries(made)
    .map(([text, translated]) => ({ between: text.split(/\{\d+\}/), translated }))
    .filter(({ between }) => between.length > 1)
    .sort((a, b) => wordsOf(b) - wordsOf(a))

const wordsOf = ({ between }: Shape): number => between.join('').length

/** Matches each value as short as possible, without backtracking, because texts may be adversarial. */
function valuesBetween(between: readonly string[], text: string): string[] | undefined {
  const [first = '', ...others] = between
  const last = others.pop() ?? ''
  const end = text.length - last.length
  if (!text.startsWith(first) || !text.endsWith(last)) return undefined
  const values: string[] = []
  let at = first.length
  for (const words of others) {
    const found = text.indexOf(words, at)
    if (found < 0) return undefined
    values.push(text.slice(at, found))
    at = found + words.length
  }
  return at > end ? undefined : [...values, text.slice(at, end)]
}

/** The English text as a dictionary key. */
export const keyOf = (parts: readonly string[]): string =>
  parts.map((part, at) => (at === 0 ? part : `{${at - 1}}${part}`)).join('')
