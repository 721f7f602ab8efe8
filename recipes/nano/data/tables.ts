// Reads the hand-written tables next to this file: everyday words, simple facts.
// Knows nothing about WordNet or about questions.

import { readFileSync } from 'node:fs'
import { capitalize, sentence } from './english.ts'
import type { Entry } from './entry.ts'
import type { Part } from './wordnet.ts'

export interface Fact {
  readonly questions: readonly string[]
  readonly reply: string
  /** A part of the reply, letter for letter. */
  readonly answer: string
}

function tableLines(name: string): string[] {
  return readFileSync(new URL(`./tables/${name}`, import.meta.url), 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
}

export function everydayWords(): Entry[] {
  return markShared([...nouns(), ...verbsAndAdjectives()])
}

function nouns(): Entry[] {
  const entries: Entry[] = []
  let kind = { one: '', many: '' }
  for (const line of tableLines('nouns.txt')) {
    if (line.startsWith('[')) {
      const [one, many] = line.slice(1, -1).split(' | ')
      kind = { one: one!, many: many! }
      continue
    }
    const [name, meaning, example] = line.split(' | ')
    const mass = name!.startsWith('~')
    entries.push({
      word: mass ? name!.slice(1) : name!,
      part: 'noun',
      style: mass ? 'mass' : 'counted',
      meaning: meaning!,
      kind: kind.one === 'thing' ? undefined : kind,
      synonyms: [],
      antonyms: [],
      examples: [sentence(example!)],
      tier: 3,
      shared: false,
    })
  }
  return entries
}

function verbsAndAdjectives(): Entry[] {
  const entries: Entry[] = []
  let part: Part = 'verb'
  for (const line of tableLines('verbs-adjectives.txt')) {
    if (line.startsWith('[')) {
      part = line.slice(1, -1) as Part
      continue
    }
    const [word, meaning, example, ...marked] = line.split('|').map((cell) => cell.trim())
    const list = (mark: string): string[] =>
      marked.flatMap((cell) => (cell.startsWith(mark) ? cell.slice(1).split(', ') : []))
    entries.push({
      word: word!,
      part,
      style: 'named',
      meaning: meaning!,
      kind: undefined,
      synonyms: list('='),
      antonyms: list('!'),
      examples: [sentence(example!)],
      tier: 3,
      shared: false,
    })
  }
  return entries
}

/** Sets `shared` on entries whose word occurs in more than one part of speech. */
export function markShared(entries: readonly Entry[]): Entry[] {
  const counts = new Map<string, number>()
  for (const { word } of entries) counts.set(word, (counts.get(word) ?? 0) + 1)
  return entries.map((entry) => ({ ...entry, shared: counts.get(entry.word)! > 1 }))
}

export function simpleFacts(): Fact[] {
  return tableLines('facts.txt').map((line) => {
    const [questions, reply] = line.split(' => ')
    const [text, answer] = reply!.split(' | ')
    const found = text!.includes(answer!) ? answer! : capitalize(answer!)
    return { questions: questions!.split(' / '), reply: text!, answer: found }
  })
}
