/**
 * The language that this process speaks to people: one, as a process has one locale, and English until `speak` is called.
 * JSON, generated files, codes, flags and ids have no language and never come here.
 */

import type { Language } from './language.ts'
import type { Words } from './words.ts'

let spoken: Words | undefined

/** Dictionaries are loaded only where they are spoken. */
export async function speak(language: Language): Promise<void> {
  spoken = language === 'zh' ? (await import('./zh/index.ts')).chinese : undefined
}

export const spokenWords = (): Words | undefined => spoken

/** A text without values; one that has no translation stays as it is. */
export const translate = (text: string): string => spoken?.texts[text] ?? text

/**
 * A line with values: say`${done} of ${total} requests`. Its dictionaries have it as '{0} of {1} requests', and may put the
 * values in another order.
 */
export function say(parts: TemplateStringsArray, ...values: readonly (string | number)[]): string {
  const translated = spoken?.texts[keyOf(parts)]
  if (translated === undefined) return String.raw({ raw: parts }, ...values)
  return translated.replace(/\{(\d+)\}/g, (_, at: string) => String(values[Number(at)]))
}

/** The English text as dictionaries have it. */
export const keyOf = (parts: readonly string[]): string =>
  parts.map((part, at) => (at === 0 ? part : `{${at - 1}}${part}`)).join('')
