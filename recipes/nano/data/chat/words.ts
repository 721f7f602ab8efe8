// Questions about words: meaning, kind, synonyms, antonyms, use in a sentence, spelling.
// Knows nothing about conversations or files.

import { capitalize, joinList, withArticle } from '../english.ts'
import { definition, type Entry, kindSentence, mention, reverseSentence, subject } from '../entry.ts'
import type { Random } from '../random.ts'
import type { Exchange, Phrase } from './exchange.ts'

const DEFINE_NOUN = [
  'What is {a}?',
  'What is {a}?',
  "What's {a}?",
  'Tell me what {a} is.',
  'Can you tell me what {a} is?',
  'Do you know what {a} is?',
  'Please explain what {a} is.',
  'Describe {a}.',
  'I want to know what {a} is.',
  'So what exactly is {a}?',
  'Could you explain to me what {a} is?',
  'Help me understand what {a} is.',
]
const DEFINE_WORD = [
  'What does {w} mean?',
  'What does the word {w} mean?',
  'Define {w}.',
  'Define the word {w}.',
  'Explain the word {w}.',
  'What is the meaning of {w}?',
  'Can you define {w}?',
  'Give me the meaning of {w}.',
  'Meaning of {w}?',
  'I do not know the word {w}. What does it mean?',
  'Tell me the meaning of the word {w}.',
  'How would you define {w}?',
]
const DEFINE_VERB = [
  'What does it mean to {w}?',
  'What does the verb {w} mean?',
  'Define the verb {w}.',
  'Explain what to {w} means.',
  'What is the meaning of the verb {w}?',
  'Can you tell me what it means to {w}?',
]
const DEFINE_OTHER = [
  'What does the {part} {w} mean?',
  'Define the {part} {w}.',
  'Explain the {part} {w}.',
  'What is the meaning of the {part} {w}?',
  'Can you define the {part} {w}?',
  'Tell me what the {part} {w} means.',
]

function values(entry: Entry): Record<string, string> {
  return { w: entry.word, a: mention(entry), part: entry.part }
}

export function askDefinition(entry: Entry, phrase: Phrase, random: Random): Exchange {
  return {
    kind: 'define',
    user: phrase(definePhrasings(entry, random), values(entry)),
    assistant: definition(entry),
    answer: entry.meaning,
  }
}

/** A word with several parts of speech is asked for in a way that says which is meant. */
function definePhrasings(entry: Entry, random: Random): readonly string[] {
  if (entry.part === 'noun' && entry.style !== 'named')
    return entry.shared || random.chance(0.5) ? DEFINE_NOUN : DEFINE_WORD
  if (entry.part === 'verb') return entry.shared || random.chance(0.4) ? DEFINE_VERB : DEFINE_WORD
  return entry.shared ? DEFINE_OTHER : DEFINE_WORD
}

const KIND = [
  'What kind of thing is {a}?',
  'What sort of thing is {a}?',
  'What type of thing is {a}?',
  'Which group does {a} belong to?',
  'What kind of thing is {a}, please?',
  'Tell me what kind of thing {a} is.',
  'Can you say what kind of thing {a} is?',
]

export function hasKind(entry: Entry): boolean {
  return entry.kind !== undefined && entry.style !== 'named'
}

export function askKind(entry: Entry, phrase: Phrase): Exchange {
  return {
    kind: 'kind',
    user: phrase(KIND, values(entry)),
    assistant: kindSentence(entry)!,
    answer: entry.kind!.one,
  }
}

const IS_A = [
  'Is {a} {kind}?',
  'Is {a} {kind}?',
  'Would you say that {a} is {kind}?',
  'Is it true that {a} is {kind}?',
  'Do you think {a} is {kind}?',
  'Can you tell me if {a} is {kind}?',
  'Would you call {a} {kind}?',
  'Tell me, is {a} {kind}?',
]

/** Kinds that may overlap (a queen is a person, a robin is an animal) are never asked against each other. */
const FAMILIES: readonly RegExp[] = [
  /animal|bird|fish|insect|food/,
  /person|worker|family|relative|leader/,
  /plant|flower|tree|fruit|vegetable|food|drink|color/,
  /tool|kitchen|container|machine|device|furniture|instrument|toy|school|weapon|material|metal|cloth/,
  /building|house|place|structure|room|road|city/,
  /weather|sky|nature|water|liquid|material|drink|food/,
  /sport|game|toy/,
  /time|season/,
]

function mayOverlap(a: string, b: string): boolean {
  return a === b || FAMILIES.some((family) => family.test(a) && family.test(b))
}

export function askIsA(entry: Entry, kinds: readonly string[], phrase: Phrase, random: Random): Exchange {
  const own = entry.kind!.one
  const yes = random.chance(0.5)
  const asked = yes ? own : random.pick(kinds.filter((kind) => !mayOverlap(kind, own)))
  const user = phrase(IS_A, { a: mention(entry), kind: withArticle(asked) })
  const assistant = yes
    ? `Yes, ${mention(entry)} is ${withArticle(own)}.`
    : `No, ${mention(entry)} is not ${withArticle(asked)}. It is ${withArticle(own)}.`
  return { kind: 'is_a', user, assistant, answer: yes ? 'Yes' : 'No' }
}

const SYNONYM = [
  'What is another word for {w}?',
  'Give me a synonym for {w}.',
  'What is a synonym of {w}?',
  'Which word means the same as {w}?',
  'Tell me another word for {w}.',
  'Synonym for {w}?',
  'Can you give me a word like {w}?',
  'What word has the same meaning as {w}?',
  'Do you know another word for {w}?',
]

export function askSynonym(entry: Entry, phrase: Phrase): Exchange {
  const [first, ...others] = entry.synonyms
  return {
    kind: 'synonym',
    user: phrase(SYNONYM, values(entry)),
    assistant:
      others.length > 0
        ? `Other words for ${entry.word} are ${joinList([first!, ...others])}.`
        : `Another word for ${entry.word} is ${first}.`,
    answer: first!,
  }
}

const ANTONYM = [
  'What is the opposite of {w}?',
  'What is the opposite of {w}?',
  'Give me the opposite of {w}.',
  'Which word is the opposite of {w}?',
  'Opposite of {w}?',
  'What is an antonym of {w}?',
  'Tell me the opposite of {w}.',
  'Give me a word that means the opposite of {w}.',
  'What word has the opposite meaning of {w}?',
  'Do you know the opposite of {w}?',
]

export function askAntonym(entry: Entry, phrase: Phrase): Exchange {
  return {
    kind: 'antonym',
    user: phrase(ANTONYM, values(entry)),
    assistant: `The opposite of ${entry.word} is ${entry.antonyms[0]}.`,
    answer: entry.antonyms[0]!,
  }
}

const EXAMPLE = [
  'Use {w} in a sentence.',
  'Use the word {w} in a sentence.',
  'Can you use {w} in a sentence?',
  'Make a sentence with {w}.',
  'Write a sentence with the word {w}.',
  'Give me an example sentence with {w}.',
  'How do you use the word {w}?',
  'Show me how to use {w}.',
  'Give me a sentence that contains the word {w}.',
  'Please write an example sentence for {w}.',
]

export function askExample(entry: Entry, phrase: Phrase, random: Random): Exchange {
  const index = random.chance(0.7) ? 0 : random.int(entry.examples.length)
  return example(entry, phrase(EXAMPLE, values(entry)), entry.examples[index]!)
}

/** Checked only where the sentence holds the word itself, not an irregular form such as "caught". */
function example({ word }: Entry, user: string, assistant: string): Exchange {
  return { kind: 'example', user, assistant, ...(assistant.includes(word) ? { answer: word } : {}) }
}

const PART = [
  'Is {w} a noun, a verb or an adjective?',
  'What part of speech is {w}?',
  'Which part of speech is the word {w}?',
  'What kind of word is {w}?',
  'Tell me the part of speech of {w}.',
]

export function askPart(entry: Entry, phrase: Phrase): Exchange {
  return {
    kind: 'part_of_speech',
    user: phrase(PART, values(entry)),
    assistant: `The word ${entry.word} is ${withArticle(entry.part)}.`,
    answer: entry.part,
  }
}

const FIRST_LETTER = [
  'What is the first letter of {w}?',
  'What letter does {w} start with?',
  'Which letter does the word {w} begin with?',
  'Tell me the first letter of {w}.',
  'What letter does {w} begin with?',
  'With which letter does {w} start?',
]

export function askFirstLetter(entry: Entry, phrase: Phrase): Exchange {
  const letter = entry.word.charAt(0).toUpperCase()
  return {
    kind: 'first_letter',
    user: phrase(FIRST_LETTER, values(entry)),
    assistant: `The word ${entry.word} starts with the letter ${letter}.`,
    answer: `letter ${letter}`,
  }
}

const SPELL = [
  'How do you spell {w}?',
  'Spell {w}.',
  'Spell the word {w}.',
  'Can you spell {w}?',
  'Please spell {w} for me.',
  'What is the spelling of {w}?',
]

export function askSpelling(entry: Entry, phrase: Phrase): Exchange {
  const letters = [...entry.word.toUpperCase()].join('-')
  return {
    kind: 'spell',
    user: phrase(SPELL, values(entry)),
    assistant: `${capitalize(entry.word)} is spelled ${letters}.`,
    answer: letters,
  }
}

const REVERSE = [
  'What do you call {m}?',
  'Which word means {m}?',
  'What is the word for {m}?',
  'What is {m} called?',
  'Name the word that means {m}.',
  'Tell me the word for {m}.',
  'What would you call {m}?',
  'Do you know the word for {m}?',
]

/** Reverse look-up: from the meaning to the word. */
export function askReverse(entry: Entry, phrase: Phrase): Exchange {
  return {
    kind: 'reverse',
    user: phrase(REVERSE, { m: entry.meaning }),
    assistant: reverseSentence(entry),
    answer: entry.word,
  }
}

const DIFFERENCE = [
  'What is the difference between {a} and {b}?',
  'How is {a} different from {b}?',
  'Compare {a} and {b}.',
  'Tell me the difference between {a} and {b}.',
  'Can you explain the difference between {a} and {b}?',
  'How do {a} and {b} differ?',
]

export function askDifference(entry: Entry, other: Entry, phrase: Phrase): Exchange {
  return {
    kind: 'difference',
    user: phrase(DIFFERENCE, { a: mention(entry), b: mention(other) }),
    assistant: `${definition(entry)} ${definition(other)}`,
    answer: definition(other),
  }
}

const WHICH = [
  'Which of these is {kind}: {list}?',
  'Which one is {kind}: {list}?',
  'Find the {bare} among these: {list}.',
  'Which word names {kind}: {list}?',
  'Pick the {bare}: {list}.',
  'Which of the words {list} names {kind}?',
]

/** One thing of the kind asked for among two that are not. */
export function askWhich(entry: Entry, others: readonly Entry[], phrase: Phrase, random: Random): Exchange {
  const wrong = random
    .shuffle(others)
    .filter((other) => !mayOverlap(other.kind!.one, entry.kind!.one))
    .slice(0, 2)
  const list = joinList(
    random.shuffle([entry, ...wrong]).map(({ word }) => word),
    'or',
  )
  const { one } = entry.kind!
  return {
    kind: 'which',
    user: phrase(WHICH, { kind: withArticle(one), bare: one, list }),
    assistant: kindSentence(entry)!,
    answer: subject(entry),
  }
}

const EXAMPLE_OF_IT = [
  'Use it in a sentence.',
  'Can you use it in a sentence?',
  'Give me an example.',
  'Now use it in a sentence, please.',
  'Show me a sentence with it.',
  'Please make a sentence with that word.',
  'How is that word used?',
]

/** What a person asks next about a word just explained; "it" stands for the word. */
export function followUps(entry: Entry, phrase: Phrase, random: Random): Exchange[] {
  const turns: Exchange[] = []
  if (entry.examples.length > 0) turns.push(example(entry, phrase(EXAMPLE_OF_IT), entry.examples[0]!))
  if (hasKind(entry))
    turns.push({
      kind: 'kind',
      user: phrase([
        'What kind of thing is it?',
        'What sort of thing is that?',
        'And what kind of thing is it?',
        'What type of thing is it?',
        'Which kind of thing is that?',
      ]),
      assistant: kindSentence(entry)!,
      answer: entry.kind!.one,
    })
  if (entry.antonyms.length > 0)
    turns.push({
      kind: 'antonym',
      user: phrase([
        'What is the opposite?',
        'And the opposite?',
        'What is its opposite?',
        'Does it have an opposite?',
        'What would be the opposite of that?',
        'Which word is its opposite?',
      ]),
      assistant: `The opposite of ${entry.word} is ${entry.antonyms[0]}.`,
      answer: entry.antonyms[0]!,
    })
  if (entry.synonyms.length > 0)
    turns.push({
      kind: 'synonym',
      user: phrase([
        'Is there another word for it?',
        'Do you know a synonym?',
        'What is another word for it?',
        'Give me another word for it.',
        'Which other word means the same?',
      ]),
      assistant: askSynonym(entry, phrase).assistant,
      answer: entry.synonyms[0]!,
    })
  if (random.chance(0.15))
    turns.push({
      ...askFirstLetter(entry, phrase),
      user: phrase([
        'What letter does it start with?',
        'What is its first letter?',
        'Which letter does it begin with?',
      ]),
    })
  return turns
}
