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
export const translate = (text: string): string => spoken?.texts[text] ?? text

/**
 * A line with values: say`${done} of ${total} requests`. Its dictionaries have it as '{0} of {1} requests', and may put the
 * values in another order.
 */
export function say(parts: TemplateStringsArray, ...values: readonly unknown[]): string {
  const translated = spoken?.texts[keyOf(parts)]
  if (translated === undefined) return String.raw({ raw: parts }, ...values)
  return translated.replace(/\{(\d+)\}/g, (_, at: string) => String(values[Number(at)]))
}

/**
 * A text that another package made, with its values in it: found by its words around them. Each value may be such a text
 * itself. What is not found stays as it is.
 */
export function recognise(text: string): string {
  if (spoken === undefined) return text
  const whole = spoken.made[text]
  if (whole !== undefined) return whole
  shapes ??= shapesOf(spoken.made)
  for (const { shape, chinese } of shapes) {
    const found = shape.exec(text)
    if (found !== null)
      return chinese.replace(/\{(\d+)\}/g, (_, at: string) => recognise(found[Number(at) + 1] ?? ''))
  }
  return text
}

interface Shape {
  readonly shape: RegExp
  readonly chinese: string
}

let shapes: readonly Shape[] | undefined

/** Those with the most words first: they say the most of what the text is. */
const shapesOf = (made: Texts): Shape[] =>
  Object.entries(made)
    .filter(([text]) => /\{\d+\}/.test(text))
    .sort(([a], [b]) => wordsOf(b) - wordsOf(a))
    .map(([text, chinese]) => ({
      shape: new RegExp(
        `^${text.replaceAll(/[.*+?^$()[\]|\\]/g, '\\$&').replaceAll(/\{\d+\}/g, '(.*?)')}$`,
        's',
      ),
      chinese,
    }))

const wordsOf = (text: string): number => text.replaceAll(/\{\d+\}/g, '').length

/** The English text as dictionaries have it. */
export const keyOf = (parts: readonly string[]): string =>
  parts.map((part, at) => (at === 0 ? part : `{${at - 1}}${part}`)).join('')
