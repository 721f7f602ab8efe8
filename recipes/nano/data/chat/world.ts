// Questions about countries, states, emoji, simple facts and lists of things.
// Knows nothing about conversations or files.

import { capitalize, joinList, withArticle } from '../english.ts'
import type { Random } from '../random.ts'
import type { Fact } from '../tables.ts'
import type { Country, Emoji, State } from '../world.ts'
import type { Exchange, Phrase } from './exchange.ts'

const CAPITAL = [
  'What is the capital of {n}?',
  'What is the capital of {n}?',
  'What is the capital city of {n}?',
  'Which city is the capital of {n}?',
  'Tell me the capital of {n}.',
  'Name the capital of {n}.',
  "What's the capital of {n}?",
  'Capital of {n}?',
  'Do you know the capital of {n}?',
  'Can you tell me the capital of {n}?',
  'I want to know the capital of {n}.',
  'Please name the capital city of {n}.',
]

export function askCapital({ name, capital }: Country | State, phrase: Phrase): Exchange {
  return {
    kind: 'capital',
    user: phrase(CAPITAL, { n: name }),
    assistant: `The capital of ${name} is ${capital}.`,
    answer: capital,
  }
}

const CAPITAL_OF = [
  'Which country has the capital {c}?',
  '{c} is the capital of which country?',
  'What country is {c} the capital of?',
  'Of which country is {c} the capital?',
  '{c} is the capital of what country?',
  'Tell me which country has {c} as its capital.',
]

export function askCapitalOf({ name, capital }: Country, phrase: Phrase): Exchange {
  return {
    kind: 'capital_of',
    user: phrase(CAPITAL_OF, { c: capital }),
    assistant: `${capital} is the capital of ${name}.`,
    answer: name,
  }
}

const CONTINENT = [
  'On which continent is {n}?',
  'What continent is {n} in?',
  'Where is {n}?',
  'Which continent is {n} on?',
  'Where in the world is {n}?',
  'Tell me which continent {n} is in.',
  'On what continent can I find {n}?',
]

export function askContinent({ name, continent }: Country, phrase: Phrase): Exchange {
  return {
    kind: 'continent',
    user: phrase(CONTINENT, { n: name }),
    assistant: `${capitalize(name)} is in ${continent}.`,
    answer: continent,
  }
}

const CURRENCY = [
  'What is the currency of {n}?',
  'What money do people use in {n}?',
  'Which currency is used in {n}?',
  'What currency does {n} use?',
  'Tell me the currency of {n}.',
  'How do people pay in {n}?',
  'With which money do people pay in {n}?',
]

export function askCurrency({ name, currency }: Country, phrase: Phrase): Exchange {
  return {
    kind: 'currency',
    user: phrase(CURRENCY, { n: name }),
    assistant: `The currency of ${name} is the ${currency}.`,
    answer: currency,
  }
}

const LANGUAGE = [
  'What language do people speak in {n}?',
  'Which language is spoken in {n}?',
  'What do people speak in {n}?',
  'Name a language spoken in {n}.',
  'What is the language of {n}?',
  'Which language do they speak in {n}?',
]

export function askLanguage({ name, language }: Country, phrase: Phrase): Exchange {
  return {
    kind: 'language',
    user: phrase(LANGUAGE, { n: name }),
    assistant: `People in ${name} speak ${language}.`,
    answer: language,
  }
}

/** The next question after one about a country: another country, or more about this one. */
export function countryFollowUps(country: Country, other: Country, phrase: Phrase): Exchange[] {
  return [
    {
      kind: 'capital',
      user: phrase(['And of {n}?', 'And {n}?', 'What about {n}?', 'And the capital of {n}?'], {
        n: other.name,
      }),
      assistant: `The capital of ${other.name} is ${other.capital}.`,
      answer: other.capital,
    },
    {
      ...askContinent(country, phrase),
      user: phrase(['Which continent is it on?', 'Where is that?', 'On which continent is that country?']),
    },
    {
      ...askLanguage(country, phrase),
      user: phrase(['What language do people speak there?', 'And which language is spoken there?']),
    },
    {
      ...askCurrency(country, phrase),
      user: phrase(['What is its currency?', 'And what money do they use there?']),
    },
  ]
}

const EMOJI = [
  'What does {s} mean?',
  'What is {s}?',
  'What does the emoji {s} show?',
  'Explain the emoji {s}.',
  'Which emoji is {s}?',
  'What is the meaning of {s}?',
  'Tell me what {s} stands for.',
]

export function askEmoji({ sign, label }: Emoji, phrase: Phrase): Exchange {
  return {
    kind: 'emoji',
    user: phrase(EMOJI, { s: sign }),
    assistant: `${sign} is the emoji for ${label}.`,
    answer: label,
  }
}

const EMOJI_FOR = [
  'Show me the emoji for {l}.',
  'What is the emoji for {l}?',
  'Which emoji means {l}?',
  'Give me {a} emoji.',
  'Is there an emoji for {l}?',
  'Do you know the emoji for {l}?',
]

export function askEmojiFor({ sign, label }: Emoji, phrase: Phrase): Exchange {
  return {
    kind: 'emoji_for',
    user: phrase(EMOJI_FOR, { l: label, a: withArticle(label) }),
    assistant: `The emoji for ${label} is ${sign}.`,
    answer: sign,
  }
}

/** The last wording of a fact is kept for validation. */
export function askFact(fact: Fact, held: boolean, random: Random): Exchange {
  const wordings = held ? fact.questions.slice(-1) : fact.questions.slice(0, -1)
  return { kind: 'fact', user: random.pick(wordings), assistant: fact.reply, answer: fact.answer }
}

export interface Group {
  readonly many: string
  readonly members: readonly string[]
}

const LIST = [
  'Name {count} {many}.',
  'Tell me {count} {many}.',
  'Give me the names of {count} {many}.',
  'Can you name {count} {many}?',
  'List {count} {many}.',
  'Give me {count} {many}.',
  'Do you know {count} {many}?',
  'Please list {count} {many} for me.',
]
const COUNTS = ['two', 'three', 'three', 'four', 'five'] as const

export function askList(group: Group, phrase: Phrase, random: Random): Exchange {
  const count = random.pick(COUNTS)
  const size = COUNTS.indexOf(count) === 0 ? 2 : { three: 3, four: 4, five: 5, two: 2 }[count]
  const members = random.sample(group.members, size)
  return {
    kind: 'list',
    user: phrase(LIST, { count, many: group.many }),
    assistant: `Here are ${count} ${group.many}: ${joinList(members)}.`,
  }
}
