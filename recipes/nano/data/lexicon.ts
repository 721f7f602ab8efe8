// Chooses the words worth memorising: the everyday tables first, enriched from WordNet, then the words
// its tagged corpus uses most. Knows nothing about phrasing.

import type { Entry } from './entry.ts'
import { isPleasant, readGloss } from './gloss.ts'
import { type KindFinder, kindFinder } from './kinds.ts'
import { markShared } from './tables.ts'
import type { Part, Synset, WordNet } from './wordnet.ts'

/** How many words of each part WordNet adds to the everyday tables. */
const ADDED: Readonly<Record<Part, number>> = { noun: 420, verb: 200, adjective: 190, adverb: 30 }
const MAX_MEANING_WORDS = 12
/** Function words, and words whose first meaning in WordNet is technical, dated or too grim for small talk. */
const UNSUITED = new Set(
  `such many much more most other own same some thing something anything anyone being man have cause let get set
  lot bit way kind type sort thou first second third last next god lord sir devil gun american negro indian christian
  sin mistress virgin slave race marine not very then also now here there just only well even still so too however
  never about all already yet ago later once again else cannot polynomial anode hypothalamus saline staining flux
  oxidation chlorine iodine detergent binomial protestant theological nuclear data people men fig years someone each
  any another equipment onset allotment petitioner bunk din ace gay nonspecific aqueous gram milligram spectrum
  complement cell club communism bullet pistol liquor drinking papa female southerner comrade stem bond soil group
  location fellow guy stress hundred dozen thermal binding antigen tumor cancer rear current deduction concentration
  solution curve beam chain bar texture discharge flesh bill address arrow mount master secretary division while
  arrest shoot fat mad increased advanced domestic analytic metropolitan physiological residential operational
  industrial bound located needed required related following less far ever away rather down back enough`.split(
    /\s+/,
  ),
)

export function buildLexicon(everyday: readonly Entry[], wordNet: WordNet): Entry[] {
  const kindOf = kindFinder(wordNet)
  const known = new Set(everyday.map(({ word }) => word))
  const added = (Object.keys(ADDED) as Part[]).flatMap((part) =>
    [...wordNet.lemmas(part)]
      .filter(
        (word) => /^[a-z]{3,13}$/.test(word) && !known.has(word) && !UNSUITED.has(word) && isPleasant(word),
      )
      .map((word) => ({ word, uses: wordNet.uses(word, part) }))
      .filter(({ word, uses }) => uses >= 3 && isMainPart(word, part, wordNet))
      .sort((a, b) => b.uses - a.uses || (a.word < b.word ? -1 : 1))
      .map(({ word }, rank) => entryFor(word, part, rank < ADDED[part] / 3 ? 2 : 1, wordNet, kindOf))
      .filter((entry) => entry !== undefined)
      .slice(0, ADDED[part]),
  )
  const enriched = everyday.map((entry) => enrich(entry, wordNet))
  return markShared([...enriched, ...added])
}

/** Each word added from WordNet is taught in the part of speech it is used in most. */
function isMainPart(word: string, part: Part, wordNet: WordNet): boolean {
  const uses = wordNet.uses(word, part)
  return (Object.keys(ADDED) as Part[]).every((other) => other === part || wordNet.uses(word, other) < uses)
}

function entryFor(
  word: string,
  part: Part,
  tier: 1 | 2,
  wordNet: WordNet,
  kindOf: KindFinder,
): Entry | undefined {
  const synset = wordNet.senses(word, part)[0]!
  if (!synset.words.includes(word)) return undefined
  const { meaning, sentences } = readGloss(synset.gloss, MAX_MEANING_WORDS)
  if (meaning === undefined || isCircular(word, meaning) || !startsWell(part, meaning)) return undefined
  if (COUNTING.test(meaning)) return undefined
  return {
    word,
    part,
    style: styleOf(word, synset, meaning),
    meaning,
    kind: part === 'noun' ? kindOf(synset) : undefined,
    synonyms: synonymsOf(word, synset, wordNet),
    antonyms: antonymsOf(word, synset, wordNet),
    examples: examplesOf(word, [...sentences, ...allSentences(word, part, wordNet)]),
    tier,
    shared: false,
  }
}

/** Adds sentences of the first sense in WordNet, where the everyday meaning most likely is. */
function enrich(entry: Entry, wordNet: WordNet): Entry {
  const first = wordNet.senses(entry.word, entry.part)[0]
  if (first === undefined || !first.words.includes(entry.word)) return entry
  const more = examplesOf(entry.word, readGloss(first.gloss, 1).sentences).filter((text) => text.length <= 60)
  return { ...entry, examples: [...entry.examples, ...more.slice(0, 2)] }
}

function isCircular(word: string, meaning: string): boolean {
  return new RegExp(`\\b${word.slice(0, Math.max(3, word.length - 2))}`).test(meaning)
}

function startsWell(part: Part, meaning: string): boolean {
  if (part === 'noun') return /^(a|an|the|any|someone|something|one|what|that)\b/.test(meaning)
  if (part === 'verb') return !/^(to|the|a|an|used)\b/.test(meaning) && !/ing\b/.test(meaning.split(' ')[0]!)
  return true
}

/** Numbers are taught as numbers, not as words. */
const COUNTING =
  /(more than|next after) (the )?\w+(teen|ty|st|nd|rd|th|one|two|three|four|five|six|seven|eight|nine|ten|twelve)\b/

/** animal, artifact, body, group, location, object, person, plant, shape, time. */
const THINGS = new Set([5, 6, 8, 14, 15, 17, 18, 20, 25, 28])
const ABSTRACT = /(ness|ity|ism|dom|hood)$/

function styleOf(word: string, synset: Synset, meaning: string): Entry['style'] {
  if (synset.part !== 'noun') return 'named'
  if (ABSTRACT.test(word)) return /^(the|a state)\b/.test(meaning) ? 'mass' : 'named'
  return THINGS.has(synset.field) && /^(a|an|any|one)\b/.test(meaning) && !/s$/.test(word)
    ? 'counted'
    : 'named'
}

function synonymsOf(word: string, synset: Synset, wordNet: WordNet): string[] {
  return synset.words
    .filter((other) => /^[a-z]{3,}$/.test(other) && other !== word && isPleasant(other))
    .filter((other) => wordNet.uses(other, synset.part) > 0)
    .filter((other) => wordNet.senses(other, synset.part)[0]?.id === synset.id)
    .sort((a, b) => wordNet.uses(b, synset.part) - wordNet.uses(a, synset.part))
    .slice(0, 2)
}

function antonymsOf(word: string, synset: Synset, wordNet: WordNet): string[] {
  const number = synset.words.indexOf(word) + 1
  return synset.pointers
    .filter(({ symbol, from }) => symbol === '!' && from === number)
    .map(({ target, to }) => wordNet.synsets.get(target)!.words[to - 1]!)
    .filter((other) => /^[a-z]{2,}$/.test(other))
    .slice(0, 1)
}

function allSentences(word: string, part: Part, wordNet: WordNet): string[] {
  return wordNet.senses(word, part).flatMap(({ gloss }) => readGloss(gloss, 1).sentences)
}

/** Sentences that contain the word itself or a regular form of it, the main sense first. */
function examplesOf(word: string, sentences: readonly string[]): string[] {
  const stem = word.endsWith('e') || word.endsWith('y') ? word.slice(0, -1) : word
  const form = new RegExp(`\\b(${word}|${word}s|${word}es|${stem}(ed|ing|ies|ied|e[sd]))\\b`, 'i')
  return [...new Set(sentences)].filter((text) => form.test(text) && text.length <= 70).slice(0, 4)
}
