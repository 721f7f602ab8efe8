/**
 * Texts of a part of the page, in both languages side by side. The compiler checks the Chinese keys against the English; a text with values
 * is a function.
 *
 *     const words = defineMessages({ en: { sent: (n: number) => `${n} sent` }, zh: { sent: (n: number) => `已发送 ${n}` } })
 *     const say = useMessages(words)
 */

import { useStore } from '../store.ts'
import { language } from './language.ts'

type Word = string | ((...values: never[]) => string)
type Words = Readonly<Record<string, Word>>

/** The same keys; where the English is a function, one of the same values. */
type SameWords<T extends Words> = { readonly [K in keyof T]: T[K] extends string ? string : T[K] }

export interface Messages<T extends Words> {
  readonly en: T
  readonly zh: SameWords<T>
}

export function defineMessages<const T extends Words>(messages: Messages<T>): Messages<T> {
  return messages
}

export function useMessages<T extends Words>(messages: Messages<T>): SameWords<T> {
  return messages[useStore(language)] as SameWords<T>
}
