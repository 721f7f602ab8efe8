// One word the model should know, with everything said about it, and the sentences that state it.
// Knows nothing about where the facts come from.

import { capitalize, sentence, withArticle } from './english.ts'
import type { Kind } from './kinds.ts'
import type { Part } from './wordnet.ts'

export interface Entry {
  readonly word: string
  readonly part: Part
  /** `counted`: a dog; `mass`: water; `named`: a noun we only call "the word idea". Other parts: `named`. */
  readonly style: 'counted' | 'mass' | 'named'
  readonly meaning: string
  readonly kind: Kind | undefined
  readonly synonyms: readonly string[]
  readonly antonyms: readonly string[]
  /** Whole sentences that use the word. */
  readonly examples: readonly string[]
  /** 3: asked and shown often; 1: seldom. */
  readonly tier: 1 | 2 | 3
  /** Whether another entry has the same word in another part of speech. */
  readonly shared: boolean
}

/** The word as one speaks of it: `a dog`, `water`, `to run`, `happy`. */
export function mention(entry: Entry): string {
  if (entry.part === 'verb') return `to ${entry.word}`
  return entry.style === 'counted' ? withArticle(entry.word) : entry.word
}

/** The sentence that defines the word. */
export function definition(entry: Entry): string {
  const { word, part, style, meaning } = entry
  if (part === 'verb') return sentence(`to ${word} means to ${meaning}`)
  if (part === 'noun' && style !== 'named') return sentence(`${mention(entry)} is ${meaning}`)
  if (part === 'noun') return sentence(`the word ${word} means ${meaning}`)
  return sentence(`${word} means ${meaning}`)
}

/** The definition read the other way round. */
export function reverseSentence(entry: Entry): string {
  return sentence(`${entry.meaning} is called ${mention(entry)}`)
}

/** The sentence that says what kind of thing a noun names. */
export function kindSentence(entry: Entry): string | undefined {
  if (entry.kind === undefined) return undefined
  return sentence(`${subject(entry)} is ${withArticle(entry.kind.one)}`)
}

/** The word at the front of a sentence that says `is`. */
export function subject(entry: Entry): string {
  return capitalize(mention(entry))
}
