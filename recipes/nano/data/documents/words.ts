// Documents about the words to memorise: each fact again and again in other surroundings.
// Knows nothing about files or chat.

import { capitalize, joinList, plural, withArticle } from '../english.ts'
import { definition, type Entry, kindSentence, mention, reverseSentence, subject } from '../entry.ts'
import type { Random } from '../random.ts'

/** How many documents are led by a word of each tier. */
const REPEATS: Readonly<Record<Entry['tier'], number>> = { 1: 10, 2: 18, 3: 30 }

export function wordDocuments(entries: readonly Entry[], random: Random): string[] {
  const byKind = new Map<string, Entry[]>()
  for (const entry of entries) {
    if (entry.kind === undefined || entry.style === 'named') continue
    const list = byKind.get(entry.kind.one) ?? []
    list.push(entry)
    byKind.set(entry.kind.one, list)
  }
  const queue = random.shuffle(entries.flatMap((entry) => Array<Entry>(REPEATS[entry.tier]).fill(entry)))
  const documents: string[] = []
  for (let i = 0; i < queue.length; ) {
    const size = 1 + random.int(4)
    documents.push(
      queue
        .slice(i, i + size)
        .map((entry) => paragraph(entry, byKind, random))
        .join('\n\n'),
    )
    i += size
  }
  return documents
}

function paragraph(entry: Entry, byKind: ReadonlyMap<string, readonly Entry[]>, random: Random): string {
  const kindred = entry.kind && entry.style !== 'named' ? byKind.get(entry.kind.one)! : []
  const aspects = [
    examples(entry, random),
    kinds(entry, kindred, random),
    synonyms(entry, random),
    antonyms(entry, random),
    spelling(entry, random),
  ].filter((lines) => lines.length > 0)
  const rest = random.sample(aspects, 1 + random.int(3)).map((lines) => random.pick(lines))
  return [random.pick(openings(entry)), ...rest].join(' ')
}

function openings(entry: Entry): string[] {
  const { word, part, meaning } = entry
  const stated = definition(entry)
  const a = mention(entry)
  const long =
    part === 'verb'
      ? `The verb ${word} means to ${meaning}.`
      : part === 'noun' && entry.style !== 'named'
        ? `The word ${word} means ${meaning}.`
        : `The ${part} ${word} means ${meaning}.`
  return [
    stated,
    stated,
    stated,
    long,
    `${capitalize(word)}: ${meaning}.`,
    part === 'noun' && entry.style !== 'named'
      ? `What is ${a}? ${stated}`
      : `What does ${word} mean? ${stated}`,
    `${capitalize(word)} is ${withArticle(part)}. ${stated}`,
    ...(/^(a|an) /.test(meaning) && entry.style === 'counted'
      ? [reverseSentence(entry), reverseSentence(entry)]
      : []),
  ]
}

function examples(entry: Entry, random: Random): string[] {
  if (entry.examples.length === 0) return []
  const text = random.pick(entry.examples)
  return [text, `For example: ${text}`, `Here is a sentence with the word ${entry.word}: ${text}`]
}

function kinds(entry: Entry, kindred: readonly Entry[], random: Random): string[] {
  const stated = kindSentence(entry)
  if (stated === undefined || entry.style === 'named') return []
  const { one, many } = entry.kind!
  const others = random.sample(
    kindred.filter((other) => other !== entry),
    3,
  )
  const lines = [stated, `What kind of thing is ${mention(entry)}? ${stated}`]
  if (others.length === 3) {
    const [first, second] = others
    lines.push(
      `${capitalize(joinList(others.map(mention)))} are also ${many}.`,
      `${subject(entry)} is ${withArticle(one)}, and so is ${mention(first!)}.`,
      `Both ${mention(entry)} and ${mention(second!)} are ${many}.`,
      `Here are some ${many}: ${joinList([entry.word, ...others.map(({ word }) => word)])}.`,
    )
  }
  if (entry.style === 'counted') lines.push(`More than one ${entry.word} are called ${plural(entry.word)}.`)
  return lines
}

function synonyms({ word, synonyms: same }: Entry, random: Random): string[] {
  if (same.length === 0) return []
  const other = random.pick(same)
  return [
    `Another word for ${word} is ${same[0]}.`,
    `The words ${word} and ${other} mean almost the same.`,
    same.length > 1 ? `Other words for ${word} are ${joinList(same)}.` : `A synonym of ${word} is ${other}.`,
  ]
}

function antonyms({ word, antonyms: opposite }: Entry, random: Random): string[] {
  if (opposite.length === 0) return []
  const other = random.pick(opposite)
  return [
    `The opposite of ${word} is ${other}.`,
    `The opposite of ${word} is ${other}.`,
    `The words ${word} and ${other} are opposites.`,
  ]
}

function spelling({ word, tier, part }: Entry, random: Random): string[] {
  if (tier < 3 || !random.chance(0.25)) return []
  return [
    `The word ${word} starts with the letter ${word.charAt(0).toUpperCase()}.`,
    `${capitalize(word)} is spelled ${[...word.toUpperCase()].join('-')}.`,
    `The word ${word} is ${withArticle(part)}.`,
  ]
}
