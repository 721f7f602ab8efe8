// Questions beyond what a very small model can know, and words it has never met: it says so.
// Knows nothing about conversations or files.

import { readFileSync } from 'node:fs'
import { fill } from '../english.ts'
import type { Random } from '../random.ts'
import type { Exchange, Phrase } from './exchange.ts'

const REPLIES: Readonly<Record<string, readonly string[]>> = {
  unknown: [
    'I am sorry, I do not know that. I am only a small model.',
    'I do not know that. Ask me about a word, a country or a small sum.',
  ],
  live: ['I do not know, because I cannot see what happens in the world today.'],
  personal: ['I do not know, because I know nothing about you.'],
  cannot: ['I am sorry, I cannot do that. I can explain words and answer simple questions.'],
  advice: ['I am sorry, I cannot give advice about that. Please ask a person who knows.'],
  noise: ['I do not understand. Can you ask me in another way?'],
}

interface OutOfScope {
  readonly lists: Readonly<Record<string, readonly string[]>>
  /** Every question with the name of its replies. */
  readonly questions: readonly (readonly [string, string])[]
}

export function readOutOfScope(): OutOfScope {
  const lists: Record<string, readonly string[]> = {}
  const questions: [string, string][] = []
  let group = ''
  const text = readFileSync(new URL('../tables/out-of-scope.txt', import.meta.url), 'utf8')
  for (const line of text.split('\n').filter((row) => row !== '' && !row.startsWith('#'))) {
    const list = /^([a-z]+): (.*)$/.exec(line)
    if (list !== null) lists[list[1]!] = list[2]!.split(', ')
    else if (line.startsWith('[')) group = line.slice(1, -1)
    else questions.push([line, group])
  }
  return { lists, questions }
}

/** Every seventh question is kept for validation. */
export function askBeyond(table: OutOfScope, held: boolean, random: Random): Exchange {
  const usable = table.questions.filter((_, i) => (i % 7 === 3) === held)
  const [question, group] = random.pick(usable)
  const values = Object.fromEntries(
    Object.entries(table.lists).map(([name, list]) => [name, random.pick(list)]),
  )
  return {
    kind: 'out_of_scope',
    user: fill(question, values),
    assistant: random.pick(REPLIES[group]!),
    answer:
      group === 'noise' ? 'not understand' : group === 'cannot' || group === 'advice' ? 'cannot' : 'not know',
  }
}

const ONSETS = ['bl', 'gr', 'fl', 'sn', 'z', 'v', 'kr', 'pl', 'thr', 'w', 'dr', 'gl', 'sk', 'm', 'tr', 'qu']
const VOWELS = ['a', 'o', 'i', 'u', 'e', 'oo', 'ee']
const CODAS = ['rp', 'ng', 'zzle', 'mb', 'xt', 'nk', 'ft', 'bble', 'dge', 'v', 'gg', 'lm', 'rk']

/** A word that does not exist, such as "blonkizzle". */
export function inventWord(random: Random): string {
  const syllable = (): string => random.pick(ONSETS) + random.pick(VOWELS)
  return syllable() + (random.chance(0.5) ? syllable() : '') + random.pick(CODAS)
}

const UNKNOWN_WORD = [
  'What does {w} mean?',
  'What is a {w}?',
  'Define {w}.',
  'What is the meaning of {w}?',
  'Use {w} in a sentence.',
  'What is the opposite of {w}?',
  'What is another word for {w}?',
  'Explain the word {w}.',
  'What kind of thing is a {w}?',
  'Tell me the meaning of the word {w}.',
  'Do you know what a {w} is?',
]

export function askUnknownWord(word: string, phrase: Phrase): Exchange {
  return {
    kind: 'unknown_word',
    user: phrase(UNKNOWN_WORD, { w: word }),
    assistant: `I am sorry, I do not know the word ${word}.`,
    answer: 'do not know',
  }
}
