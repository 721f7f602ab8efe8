// Builds whole conversations: picks kinds of question by weight, chains follow-ups, adds system prompts,
// and keeps some phrasings and facts for validation only. Knows nothing about files.

import type { Entry } from '../entry.ts'
import { hashText, type Random } from '../random.ts'
import { residueIn } from '../residue.ts'
import { HEROES, tellStory } from '../stories.ts'
import type { Fact } from '../tables.ts'
import type { Country, Emoji, State } from '../world.ts'
import { askBeyond, askUnknownWord, inventWord, readOutOfScope } from './beyond.ts'
import { casual, type Exchange, type Phrase, phraseWith } from './exchange.ts'
import { askLarger, askNeighbor, askProblem, randomProblem } from './numbers.ts'
import { askTalk } from './smalltalk.ts'
import * as words from './words.ts'
import * as world from './world.ts'

export interface Knowledge {
  readonly entries: readonly Entry[]
  readonly countries: readonly Country[]
  readonly states: readonly State[]
  readonly emoji: readonly Emoji[]
  readonly facts: readonly Fact[]
  readonly groups: readonly world.Group[]
}

export interface Message {
  readonly role: 'system' | 'user' | 'assistant'
  readonly content: string
}

export interface Conversation {
  readonly messages: readonly Message[]
  /** The kind of the last question. */
  readonly kind: string
  /** What the last reply must contain, where that can be checked. */
  readonly answer?: string
  /** Validation only: what was kept from training, the wording or the fact itself. */
  readonly heldOut?: 'phrasing' | 'fact'
}

const SYSTEM_PROMPTS = [
  'You are Nano, a small and friendly assistant.',
  'You are Nano, a pocket dictionary.',
  'You are a helpful assistant.',
  'You are Nano, a small language model trained by Hadal.',
  'Answer in short and simple sentences.',
  'You are a helpful assistant. Answer briefly.',
  'Be polite and honest. If you do not know something, say so.',
  'You are an assistant that explains words in plain English.',
]

interface Topic {
  readonly kind: string
  readonly weight: number
  /** The first turn and what may follow it. */
  start(
    phrase: Phrase,
    random: Random,
    held: boolean,
  ): { first: Exchange; next: readonly Exchange[] } | undefined
}

/** Facts kept from chat training, one in 25: those of rules (sums) and of words the documents also state. */
function isHeldFact(kind: string, key: string): boolean {
  return hashText(`${kind} ${key}`) % 25 === 0
}

/** Everyday counted nouns: their meanings name one thing only. */
function isReversible(entry: Entry): boolean {
  return entry.tier === 3 && entry.style === 'counted' && /^(a|an) /.test(entry.meaning)
}

function topics(knowledge: Knowledge, factHeld: boolean): Topic[] {
  const { entries, countries, states, emoji, facts, groups } = knowledge
  const single = (
    kind: string,
    weight: number,
    make: (phrase: Phrase, random: Random, held: boolean) => Exchange | undefined,
  ): Topic => ({
    kind,
    weight,
    start: (phrase, random, held) => {
      const first = make(phrase, random, held)
      return first && { first, next: [] }
    },
  })
  const about = (
    kind: string,
    weight: number,
    test: (entry: Entry) => boolean,
    ask: (entry: Entry, phrase: Phrase, random: Random) => Exchange,
  ): Topic => {
    const pool = entries.filter((e) => test(e) && (e.tier === 1 && isHeldFact(kind, e.word)) === factHeld)
    const tickets = pool.flatMap((entry) => Array<Entry>([0, 2, 5, 12][entry.tier]!).fill(entry))
    return {
      kind,
      weight: tickets.length === 0 ? 0 : weight,
      start: (phrase, random) => {
        const entry = random.pick(tickets)
        const first = ask(entry, phrase, random)
        const next = words.followUps(entry, phrase, random).filter((turn) => turn.kind !== first.kind)
        return { first, next: random.sample(next, 3) }
      },
    }
  }
  const country = (
    kind: string,
    weight: number,
    ask: (item: Country, phrase: Phrase) => Exchange,
  ): Topic => ({
    kind,
    weight: countries.length === 0 ? 0 : weight,
    start: (phrase, random) => {
      const item = random.pick(countries)
      const first = ask(item, phrase)
      const next = world
        .countryFollowUps(item, random.pick(countries), phrase)
        .filter((turn) => turn.kind !== first.kind || kind === 'capital')
      return { first, next: kind === 'capital' ? random.sample(next, 2) : [] }
    },
  })
  const kindNames = [...new Set(entries.filter((e) => e.tier === 3 && e.kind).map((e) => e.kind!.one))]
  const everyday = entries.filter((entry) => entry.tier === 3 && words.hasKind(entry))
  const kindred = (entry: Entry): Entry[] =>
    everyday.filter((other) => other !== entry && other.kind!.one === entry.kind!.one)
  const scope = readOutOfScope()
  const outside = knowledge.entries.length > 0
  const rules: Topic[] = [
    single('arithmetic', 12, (phrase, random) => {
      const problem = randomProblem(random)
      const key = `${problem.a} ${problem.b}`
      return isHeldFact(problem.operation, key) === factHeld ? askProblem(problem, phrase, random) : undefined
    }),
    single('compare', 1.5, (phrase, random) => askLarger(undefined, phrase, random)),
    single('next_number', 1.5, (phrase, random) => askNeighbor(undefined, phrase, random)),
    single('unknown_word', 2.5, (phrase, random) => askUnknownWord(inventWord(random), phrase)),
    single('out_of_scope', 8, (_, random, held) => askBeyond(scope, held || factHeld, random)),
  ]
  const wordTopics: Topic[] = [
    about('define', 24, () => true, words.askDefinition),
    about('kind', 5, words.hasKind, words.askKind),
    about(
      'is_a',
      5,
      (e) => words.hasKind(e) && e.tier === 3,
      (e, p, r) => words.askIsA(e, kindNames, p, r),
    ),
    about('synonym', 5, (e) => e.synonyms.length > 0, words.askSynonym),
    about('antonym', 5, (e) => e.antonyms.length > 0, words.askAntonym),
    about('example', 8, (e) => e.examples.length > 0, words.askExample),
    about('part_of_speech', 1, (e) => !e.shared && e.part !== 'adverb', words.askPart),
    about('first_letter', 1.5, () => true, words.askFirstLetter),
    about('reverse', 4, isReversible, words.askReverse),
    about(
      'difference',
      2,
      (e) => e.tier === 3 && words.hasKind(e),
      (e, p, r) => words.askDifference(e, r.pick(kindred(e)), p),
    ),
    about(
      'which',
      2,
      (e) => e.tier === 3 && words.hasKind(e),
      (e, p, r) => words.askWhich(e, everyday, p, r),
    ),
    about('spell', 1.5, (e) => e.tier === 3, words.askSpelling),
  ]
  if (factHeld) return [...rules, ...wordTopics].filter(({ weight }) => weight > 0)
  return [
    ...rules,
    ...wordTopics,
    country('capital', 7, world.askCapital),
    country('capital_of', 2, world.askCapitalOf),
    country('continent', 2, world.askContinent),
    country('currency', 1.5, world.askCurrency),
    country('language', 1.5, world.askLanguage),
    single('capital', states.length > 0 ? 2 : 0, (phrase, random) =>
      world.askCapital(random.pick(states), phrase),
    ),
    single('emoji', emoji.length > 0 ? 1.5 : 0, (phrase, random) =>
      world.askEmoji(random.pick(emoji), phrase),
    ),
    single('emoji_for', emoji.length > 0 ? 1 : 0, (phrase, random) =>
      world.askEmojiFor(random.pick(emoji), phrase),
    ),
    single('fact', 6, (_, random, held) => world.askFact(random.pick(facts), held, random)),
    single('list', outside ? 3.5 : 0, (phrase, random) => world.askList(random.pick(groups), phrase, random)),
    single('story', 4, (phrase, random) => askStory(phrase, random)),
    single('smalltalk', 8, (phrase, random) => askTalk(undefined, phrase, random)),
  ].filter(({ weight }) => weight > 0)
}

const STORY = [
  'Tell me a story about {a}.',
  'Tell me a short story about {a}.',
  'Can you tell me a story about {a}?',
  'Write a short story about {a}.',
  'I want to hear a story about {a}.',
  'Please tell me a little story about {a}.',
  'Make up a story about {a}.',
]
const ANY_STORY = [
  'Tell me a story.',
  'Tell me a short story.',
  'Can you tell me a story?',
  'Please tell me a story.',
]

function askStory(phrase: Phrase, random: Random): Exchange {
  const { hero, text } = tellStory(random, random.pick(HEROES))
  const user = random.chance(0.15)
    ? random.pick(ANY_STORY)
    : phrase(STORY, { a: /^[aeiou]/.test(hero) ? `an ${hero}` : `a ${hero}` })
  return { kind: 'story', user, assistant: text, answer: hero }
}

export type Split = 'train' | 'phrasing' | 'fact'

/** `count` conversations; the split says what training must not have seen. */
export function conversations(
  knowledge: Knowledge,
  count: number,
  split: Split,
  random: Random,
): Conversation[] {
  const choices = topics(knowledge, split === 'fact')
  const total = choices.reduce((sum, { weight }) => sum + weight, 0)
  const made: Conversation[] = []
  while (made.length < count) {
    let roll = random.next() * total
    const topic = choices.find(({ weight }) => {
      roll -= weight
      return roll < 0
    })!
    const started = topic.start(phraseWith(random, split === 'phrasing'), random, split === 'phrasing')
    if (started !== undefined) made.push(assemble(started.first, started.next, split, random))
  }
  return made
}

function assemble(first: Exchange, next: readonly Exchange[], split: Split, random: Random): Conversation {
  const training = phraseWith(random, false)
  const turns = [first]
  if (split !== 'fact' && next.length > 0 && random.chance(0.3))
    turns.push(...next.slice(0, 1 + random.int(next.length)))
  if (turns.length < 4 && first.kind !== 'greeting' && random.chance(0.06))
    turns.unshift(askTalk('greeting', training, random))
  if (turns.length < 4 && split === 'train' && random.chance(0.06))
    turns.push(askTalk('thanks', training, random))
  const messages: Message[] = []
  if (random.chance(0.25)) messages.push({ role: 'system', content: random.pick(SYSTEM_PROMPTS) })
  for (const turn of turns) {
    messages.push({ role: 'user', content: casual(turn.user, random) })
    messages.push({ role: 'assistant', content: turn.assistant })
  }
  const last = turns[turns.length - 1]!
  const fault = residueIn(last.assistant) ?? residueIn(last.user)
  if (fault !== undefined) throw new Error(`${fault} in "${last.user}" -> "${last.assistant}"`)
  return {
    messages,
    kind: last.kind,
    ...(last.answer === undefined ? {} : { answer: last.answer }),
    ...(split === 'train' ? {} : { heldOut: split }),
  }
}
