/**
 * The language that this process speaks to people: one, as a process has one locale, and English until `speak` is called.
 * JSON, generated files, codes, flags and ids have no language and never come here.
 */

import type { Language } from './language.ts'
import type { Texts, Words } from './words.ts'

let spoken: Words | undefined

/** Dictionaries are loaded only where they are spoken. */
export async function speak(language: Language): Promise<void> {
  shapes = undefined
  spoken = language === 'zh' ? (await import('./zh/index.ts')).chinese : undefined
}

export const spokenWords = (): Words | undefined => spoken

/** A text without values; one that has no translation stays as it is. */
export const translate = (text: string): string => entryOf(spoken?.texts, text) ?? text

/**
 * A line with values: say`${done} of ${total} requests`. Its dictionaries have it as '{0} of {1} requests', and may put the
 * values in another order.
 */
export function say(parts: TemplateStringsArray, ...values: readonly unknown[]): string {
  const translated = entryOf(spoken?.texts, keyOf(parts))
  if (translated === undefined) return String.raw({ raw: parts }, ...values)
  return translated.replace(/\{(\d+)\}/g, (_, at: string) => String(values[Number(at)]))
}

/** Longer ones are no sentences but what somebody sent. */
const longestSentence = 4_000

/**
 * A text that another package made, with its values in it: found by its words around them. Each value may be such a text
 * itself. What is not found stays as it is.
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

/** Texts can be any word, also one that every object has, such as `constructor`. */
const entryOf = (texts: Texts | undefined, text: string): string | undefined =>
  texts !== undefined && Object.hasOwn(texts, text) ? texts[text] : undefined

interface Shape {
  /** The words around the values: one more than there are values. */
  readonly between: readonly string[]
  readonly translated: string
}

let shapes: readonly Shape[] | undefined

/** Those with the most words first: they say the most of what the text is. */
const shapesOf = (made: Texts): Shape[] =>
  Object.entries(made)
    .map(([text, translated]) => ({ between: text.split(/\{\d+\}/), translated }))
    .filter(({ between }) => between.length > 1)
    .sort((a, b) => wordsOf(b) - wordsOf(a))

const wordsOf = ({ between }: Shape): number => between.join('').length

/** Each value as short as it can be. Unlike a pattern with many gaps, it never tries again: texts may be hostile. */
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

/** The English text as dictionaries have it. */
export const keyOf = (parts: readonly string[]): string =>
  parts.map((part, at) => (at === 0 ? part : `{${at - 1}}${part}`)).join('')
