// Reads the WordNet database files (data.*, index.*, index.sense) into synsets with usage counts.
// Knows nothing about which words we teach or how they are phrased.
// Format: wndb(5WN) and senseidx(5WN) of the WordNet manual.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'

export type Part = 'noun' | 'verb' | 'adjective' | 'adverb'

export interface Synset {
  readonly id: string
  readonly part: Part
  /** Number of the lexicographer file, as in lexnames(5WN): 5 is noun.animal, 18 is noun.person. */
  readonly field: number
  readonly words: readonly string[]
  readonly gloss: string
  /** Pointer symbol, target synset, and the word numbers a lexical pointer connects (0: the whole synset). */
  readonly pointers: readonly Pointer[]
}

export interface Pointer {
  readonly symbol: string
  readonly target: string
  readonly from: number
  readonly to: number
}

export interface WordNet {
  readonly synsets: ReadonlyMap<string, Synset>
  /** Synsets of a lemma in order of use, most used first. */
  senses(lemma: string, part: Part): readonly Synset[]
  lemmas(part: Part): Iterable<string>
  /** How often the tagged corpus uses the lemma in this part of speech. */
  uses(lemma: string, part: Part): number
}

const FILES: readonly (readonly [Part, string])[] = [
  ['noun', 'noun'],
  ['verb', 'verb'],
  ['adjective', 'adj'],
  ['adverb', 'adv'],
]
const PART_LETTERS: Readonly<Record<string, Part>> = {
  n: 'noun',
  v: 'verb',
  a: 'adjective',
  s: 'adjective',
  r: 'adverb',
}
const SENSE_PARTS: readonly (Part | undefined)[] = [
  undefined,
  'noun',
  'verb',
  'adjective',
  'adverb',
  'adjective',
]

export function readWordNet(directory: string): WordNet {
  const lines = (file: string): string[] =>
    readFileSync(join(directory, file), 'utf8')
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith(' '))

  const synsets = new Map<string, Synset>()
  const senses = new Map<string, readonly string[]>()
  for (const [part, suffix] of FILES) {
    for (const line of lines(`data.${suffix}`)) {
      const synset = parseSynset(line, part)
      synsets.set(synset.id, synset)
    }
    for (const line of lines(`index.${suffix}`)) {
      const fields = line.trim().split(' ')
      const count = Number(fields[2])
      senses.set(
        `${part} ${fields[0]}`,
        fields.slice(fields.length - count).map((offset) => `${part} ${offset}`),
      )
    }
  }
  const uses = new Map<string, number>()
  for (const line of lines('index.sense')) {
    const [key, , , count] = line.split(' ')
    const [lemma, rest] = key!.split('%')
    const name = `${SENSE_PARTS[Number(rest!.charAt(0))]} ${lemma}`
    uses.set(name, (uses.get(name) ?? 0) + Number(count))
  }

  return {
    synsets,
    senses: (lemma, part) =>
      (senses.get(`${part} ${lemma.replaceAll(' ', '_')}`) ?? []).map((id) => synsets.get(id)!),
    *lemmas(part) {
      for (const name of senses.keys())
        if (name.startsWith(`${part} `)) yield name.slice(part.length + 1).replaceAll('_', ' ')
    },
    uses: (lemma, part) => uses.get(`${part} ${lemma.replaceAll(' ', '_')}`) ?? 0,
  }
}

/** One line of a data file: offset, field, type, words (count in hex), pointers, then the gloss after `|`. */
function parseSynset(line: string, part: Part): Synset {
  const bar = line.indexOf('|')
  const fields = line.slice(0, bar).trim().split(' ')
  const wordCount = Number.parseInt(fields[3]!, 16)
  const words: string[] = []
  for (let i = 0; i < wordCount; i++)
    words.push(fields[4 + 2 * i]!.replaceAll('_', ' ').replace(/\((a|p|ip)\)$/, ''))
  const start = 4 + 2 * wordCount
  const pointerCount = Number(fields[start])
  const pointers: Pointer[] = []
  for (let i = 0; i < pointerCount; i++) {
    const [symbol, offset, letter, ends] = fields.slice(start + 1 + 4 * i, start + 5 + 4 * i)
    pointers.push({
      symbol: symbol!,
      target: `${PART_LETTERS[letter!]} ${offset}`,
      from: Number.parseInt(ends!.slice(0, 2), 16),
      to: Number.parseInt(ends!.slice(2), 16),
    })
  }
  return {
    id: `${part} ${fields[0]}`,
    part,
    field: Number(fields[1]),
    words,
    gloss: line.slice(bar + 1).trim(),
    pointers,
  }
}
