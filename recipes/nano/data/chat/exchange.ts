// What one question and its reply are, and how phrasings are chosen: training sees all but the last ones
// of each list, validation only those. Knows nothing about any subject.

import { fill } from '../english.ts'
import type { Random } from '../random.ts'

export interface Exchange {
  readonly kind: string
  readonly user: string
  readonly assistant: string
  /** What a right reply must contain, for kinds where that can be checked. */
  readonly answer?: string
}

/** Picks a phrasing and fills its holes. */
export type Phrase = (phrasings: readonly string[], values?: Readonly<Record<string, string>>) => string

const HELD_PER_LIST = 2

export function phraseWith(random: Random, held: boolean): Phrase {
  return (phrasings, values = {}) => {
    const cut = phrasings.length > 3 ? phrasings.length - HELD_PER_LIST : phrasings.length
    const usable = held && cut < phrasings.length ? phrasings.slice(cut) : phrasings.slice(0, cut)
    return fill(random.pick(usable), values)
  }
}

/** People type carelessly: now and then no capital, no full stop, or a please. */
export function casual(question: string, random: Random): string {
  const roll = random.next()
  if (roll < 0.1) return question.replace(/[?.!]$/, '').toLowerCase()
  if (roll < 0.16) return question.replace(/[?.!]$/, '')
  if (roll < 0.2 && /^[A-Z][a-z]/.test(question)) return question.charAt(0).toLowerCase() + question.slice(1)
  return question
}
