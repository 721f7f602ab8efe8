// Documents from the whole of WordNet, each fact once: definitional English and everyday sentences
// in great variety. Knows nothing about files or chat.

import { capitalize, joinList, sentence, withArticle } from '../english.ts'
import { isPleasant, readGloss } from '../gloss.ts'
import type { Random } from '../random.ts'
import { residueIn } from '../residue.ts'
import type { Synset, WordNet } from '../wordnet.ts'

const PLAIN_WORD = /^[a-z]{3,}( [a-z]{3,})?$/
const MAX_MEANING_WORDS = 18
/** Noun fields full of Latin names, anatomy, units and chemistry: animal, body, plant, substance, quantity. */
const DULL_FIELDS = new Set([5, 8, 20, 27, 23])

/** Words in `taught` are left out: one word, one meaning is all a very small model can keep. */
export function dictionaryDocuments(wordNet: WordNet, taught: ReadonlySet<string>, random: Random): string[] {
  const paragraphs: string[] = []
  for (const synset of wordNet.synsets.values()) {
    if (taught.has(synset.words[0]!)) continue
    const text = describe(synset, wordNet, random)
    if (text !== undefined) paragraphs.push(text)
  }
  const documents: string[] = []
  const shuffled = random.shuffle(paragraphs)
  for (let i = 0; i < shuffled.length; ) {
    const size = 1 + random.int(5)
    documents.push(shuffled.slice(i, i + size).join('\n'))
    i += size
  }
  return documents
}

function describe(synset: Synset, wordNet: WordNet, random: Random): string | undefined {
  if (synset.part === 'noun' && DULL_FIELDS.has(synset.field)) return undefined
  const word = synset.words[0]!
  if (
    !PLAIN_WORD.test(word) ||
    !isPleasant(synset.gloss) ||
    !synset.words.every(isPleasant) ||
    synset.pointers.some(({ symbol }) => symbol === ';u')
  )
    return undefined
  if (wordNet.uses(word, synset.part) === 0 && (word.length > 12 || !random.chance(0.7))) return undefined
  const { meaning, sentences } = readGloss(synset.gloss, MAX_MEANING_WORDS)
  if (meaning === undefined) return undefined
  const others = synset.words.slice(1, 3).filter((other) => PLAIN_WORD.test(other) && isPleasant(other))
  if (/^of or relating to/.test(meaning) && !random.chance(0.2)) return undefined
  const lines = [sentence(statement(synset, word, meaning, random))]
  if (sentences.length > 0) lines.push(...random.sample(sentences, 2))
  if (others.length > 0 && random.chance(0.5)) lines.push(`It is close in meaning to ${joinList(others)}.`)
  const text = lines.join(' ')
  return residueIn(text) === undefined ? text : undefined
}

function statement(synset: Synset, word: string, meaning: string, random: Random): string {
  switch (synset.part) {
    case 'verb':
      return random.pick([`to ${word} means to ${meaning}`, `to ${word} is to ${meaning}`])
    case 'noun': {
      if (!/^(a|an|any|one|someone|something)\b/.test(meaning)) return `${capitalize(word)}: ${meaning}`
      const thing = [6, 15, 17, 18].includes(synset.field) && !/s$/.test(word)
      if (thing) return `${withArticle(word)} is ${meaning}`
      return random.pick([`the word ${word} means ${meaning}`, `${word}: ${meaning}`])
    }
    default:
      return random.pick([`${word} means ${meaning}`, `the word ${word} means ${meaning}`])
  }
}

/** Example sentences alone, a handful to a document: plain English of many kinds. */
export function sentenceDocuments(wordNet: WordNet, random: Random): string[] {
  const sentences = new Set<string>()
  for (const synset of wordNet.synsets.values())
    for (const text of readGloss(synset.gloss, 1).sentences)
      if (residueIn(text) === undefined) sentences.add(text)
  const shuffled = random.shuffle([...sentences])
  const documents: string[] = []
  for (let i = 0; i < shuffled.length; ) {
    const size = 4 + random.int(8)
    documents.push(shuffled.slice(i, i + size).join(' '))
    i += size
  }
  return documents
}
