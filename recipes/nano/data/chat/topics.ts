// The subjects a conversation can be about, how often each comes up, and which facts training must not see.
// Knows nothing about messages or files.

import { withArticle } from '../english.ts'
import type { Entry } from '../entry.ts'
import { hashText, type Random } from '../random.ts'
import { HEROES, tellStory } from '../stories.ts'
import type { Fact } from '../tables.ts'
import type { Country, Emoji, State } from '../world.ts'
import { askBeyond, askUnknownWord, inventWord, readOutOfScope } from './beyond.ts'
import type { Exchange, Phrase } from './exchange.ts'
import { askLarger, askNeighbor, askProblem } from './numbers.ts'
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

export interface Topic {
  readonly weight: number
  /** The first turn and what may follow it. */
  start(phrase: Phrase, random: Random, held: boolean): Opening
}

interface Opening {
  readonly first: Exchange
  readonly next: readonly Exchange[]
}

/** Every topic; with `factHeld`, those of facts that training conversations never contain. */
export function topicsOf(knowledge: Knowledge, factHeld: boolean): Topic[] {
  const topics = [...ruleTopics(factHeld), ...wordTopics(knowledge.entries, factHeld)]
  if (!factHeld) topics.push(...worldTopics(knowledge), ...talkTopics())
  return topics.filter(({ weight }) => weight > 0)
}

/** One fact in 25 is kept from chat training: of rules (sums), and of rarer words the documents also explain. */
function isHeldFact(kind: string, key: string): boolean {
  return hashText(`${kind} ${key}`) % 25 === 0
}

type Make = (phrase: Phrase, random: Random, held: boolean) => Exchange

function single(weight: number, make: Make): Topic {
  return { weight, start: (phrase, random, held) => ({ first: make(phrase, random, held), next: [] }) }
}

function ruleTopics(factHeld: boolean): Topic[] {
  const rule = (weight: number, make: (phrase: Phrase, random: Random) => Exchange): Topic => ({
    weight,
    start: (phrase, random) => {
      for (;;) {
        const first = make(phrase, random)
        if (isHeldFact(first.kind, first.assistant) === factHeld) return { first, next: [] }
      }
    },
  })
  const scope = readOutOfScope()
  return [
    rule(12, askProblem),
    rule(1.5, askLarger),
    rule(1.5, askNeighbor),
    rule(2.5, (phrase, random) => askUnknownWord(inventWord(random), phrase)),
    single(8, (_, random, held) => askBeyond(scope, held || factHeld, random)),
  ]
}

/** How many times as often a word of each tier is asked about as one of the lowest. */
const TICKETS: Readonly<Record<Entry['tier'], number>> = { 1: 2, 2: 5, 3: 12 }

function wordTopics(entries: readonly Entry[], factHeld: boolean): Topic[] {
  const everyday = entries.filter((entry) => entry.tier === 3 && words.hasKind(entry))
  const kindNames = [...new Set(everyday.map((entry) => entry.kind!.one))]
  const kindred = (entry: Entry): Entry[] =>
    everyday.filter((other) => other !== entry && other.kind!.one === entry.kind!.one)
  const about = (
    kind: string,
    weight: number,
    pool: readonly Entry[],
    ask: (entry: Entry, phrase: Phrase, random: Random) => Exchange,
  ): Topic => {
    const own = pool.filter((entry) => (entry.tier === 1 && isHeldFact(kind, entry.word)) === factHeld)
    const tickets = own.flatMap((entry) => Array<Entry>(TICKETS[entry.tier]).fill(entry))
    return {
      weight: tickets.length === 0 ? 0 : weight,
      start: (phrase, random) => {
        const entry = random.pick(tickets)
        const first = ask(entry, phrase, random)
        const said = ['is_a', 'which'].includes(first.kind) ? 'kind' : first.kind
        const next = words.followUps(entry, phrase, random).filter((turn) => turn.kind !== said)
        return { first, next: random.sample(next, 3) }
      },
    }
  }
  const having = (test: (entry: Entry) => boolean): Entry[] => entries.filter(test)
  return [
    about('define', 24, entries, words.askDefinition),
    about('kind', 5, having(words.hasKind), words.askKind),
    about('is_a', 5, everyday, (e, phrase, random) => words.askIsA(e, kindNames, phrase, random)),
    about(
      'synonym',
      5,
      having(({ synonyms }) => synonyms.length > 0),
      words.askSynonym,
    ),
    about(
      'antonym',
      5,
      having(({ antonyms }) => antonyms.length > 0),
      words.askAntonym,
    ),
    about(
      'example',
      8,
      having(({ examples }) => examples.length > 0),
      words.askExample,
    ),
    about(
      'part_of_speech',
      1,
      having((e) => !e.shared && e.part !== 'adverb'),
      words.askPart,
    ),
    about('first_letter', 1.5, entries, words.askFirstLetter),
    about(
      'spell',
      1.5,
      having(({ tier }) => tier === 3),
      words.askSpelling,
    ),
    about('reverse', 4, having(isReversible), words.askReverse),
    about('difference', 2, everyday, (e, phrase, random) =>
      words.askDifference(e, random.pick(kindred(e)), phrase),
    ),
    about('which', 2, everyday, (e, phrase, random) => words.askWhich(e, everyday, phrase, random)),
  ]
}

/** Everyday counted nouns: their meanings name one thing only. */
function isReversible(entry: Entry): boolean {
  return entry.tier === 3 && entry.style === 'counted' && /^(a|an) /.test(entry.meaning)
}

function worldTopics({ countries, states, emoji, facts, groups }: Knowledge): Topic[] {
  const fromPackages =
    countries.length === 0
      ? []
      : [
          capitalTopic(7, countries),
          single(2, (phrase, random) => world.askCapitalOf(random.pick(countries), phrase)),
          single(2, (phrase, random) => world.askContinent(random.pick(countries), phrase)),
          single(1.5, (phrase, random) => world.askCurrency(random.pick(countries), phrase)),
          single(1.5, (phrase, random) => world.askLanguage(random.pick(countries), phrase)),
          single(2, (phrase, random) => world.askCapital(random.pick(states), phrase)),
          single(1.5, (phrase, random) => world.askEmoji(random.pick(emoji), phrase)),
          single(1, (phrase, random) => world.askEmojiFor(random.pick(emoji), phrase)),
        ]
  return [
    ...fromPackages,
    single(6, (_, random, held) => world.askFact(random.pick(facts), held, random)),
    single(3.5, (phrase, random) => world.askList(random.pick(groups), phrase, random)),
  ]
}

function capitalTopic(weight: number, countries: readonly Country[]): Topic {
  return {
    weight,
    start: (phrase, random) => {
      const country = random.pick(countries)
      const next = world.countryFollowUps(country, random.pick(countries), phrase)
      return { first: world.askCapital(country, phrase), next: random.sample(next, 2) }
    },
  }
}

function talkTopics(): Topic[] {
  return [single(5, askStory), single(9, (phrase, random) => askTalk(undefined, phrase, random))]
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
  'A story, please.',
]

function askStory(phrase: Phrase, random: Random): Exchange {
  const { hero, text } = tellStory(random, random.pick(HEROES))
  const user = random.chance(0.15) ? phrase(ANY_STORY) : phrase(STORY, { a: withArticle(hero) })
  return { kind: 'story', user, assistant: text, answer: hero }
}
