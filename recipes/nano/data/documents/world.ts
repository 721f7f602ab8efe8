// Documents about countries, states, numbers, emoji and simple facts, each stated many times.
// Knows nothing about files or chat.

import type { Knowledge } from '../chat/topics.ts'
import { capitalize, joinList, numberWord } from '../english.ts'
import type { Random } from '../random.ts'
import type { Country } from '../world.ts'

const COUNTRY_REPEATS = 30
const SMALL_REPEATS = 20

export function worldDocuments(knowledge: Knowledge, random: Random): string[] {
  const { countries, states, emoji, facts, groups } = knowledge
  const documents: string[] = []
  for (let round = 0; round < COUNTRY_REPEATS; round++)
    for (const country of countries) documents.push(describe(country, countries, random))
  for (let round = 0; round < SMALL_REPEATS; round++) {
    const lines = [
      ...states.map(({ name, capital }) =>
        random.pick([
          `The capital of ${name} is ${capital}.`,
          `${capital} is the capital of ${name}, a state of the United States.`,
          `${name} is a state of the United States. Its capital is ${capital}.`,
        ]),
      ),
      ...emoji.map(({ sign, label }) =>
        random.pick([`${sign} is the emoji for ${label}.`, `The emoji for ${label} is ${sign}.`]),
      ),
      ...facts.map(({ questions, reply }) =>
        random.chance(0.5) ? reply : `${random.pick(questions.slice(0, -1))} ${reply}`,
      ),
      ...groups.flatMap((group) =>
        [0, 1].map(() => {
          const members = random.sample(group.members, 3 + random.int(4))
          return `Here are some ${group.many}: ${joinList(members)}.`
        }),
      ),
    ]
    documents.push(...bundle(random.shuffle(lines), 6, random))
  }
  return documents
}

function describe(country: Country, all: readonly Country[], random: Random): string {
  const { name, capital, continent, currency, language } = country
  const neighbors = random.sample(
    all.filter((other) => other !== country && other.continent === continent),
    2,
  )
  const lines = [
    random.pick([`The capital of ${name} is ${capital}.`, `${capital} is the capital of ${name}.`]),
    random.pick([
      `${capitalize(name)} is in ${continent}.`,
      `${capitalize(name)} is a country in ${continent}.`,
    ]),
    random.pick([
      `The currency of ${name} is the ${currency}.`,
      `In ${name}, people pay with the ${currency}.`,
    ]),
    random.pick([`People in ${name} speak ${language}.`, `In ${name}, people speak ${language}.`]),
  ]
  if (neighbors.length === 2)
    lines.push(`Other countries in ${continent} are ${joinList(neighbors.map((other) => other.name))}.`)
  return random.sample(lines, 2 + random.int(3)).join(' ')
}

/** Short lines gathered into documents of up to `most` lines. */
function bundle(lines: readonly string[], most: number, random: Random): string[] {
  const documents: string[] = []
  for (let i = 0; i < lines.length; ) {
    const size = 1 + random.int(most)
    documents.push(lines.slice(i, i + size).join(' '))
    i += size
  }
  return documents
}

/** Sums, differences, products and counting. */
export function numberDocuments(count: number, random: Random): string[] {
  return Array.from({ length: count }, () => {
    const lines = Array.from({ length: 4 + random.int(5) }, () => numberLine(random))
    return lines.join(random.chance(0.5) ? ' ' : '\n')
  })
}

function numberLine(random: Random): string {
  const limit = random.chance(0.5) ? 21 : 100
  const a = random.int(limit)
  const b = random.int(limit)
  const [high, low] = a > b ? [a, b] : [b, a]
  const x = 1 + random.int(10)
  const y = 1 + random.int(10)
  return random.pick([
    `${a} plus ${b} is ${a + b}.`,
    `${a} plus ${b} is ${a + b}.`,
    `${a} + ${b} = ${a + b}.`,
    `${high} minus ${low} is ${high - low}.`,
    `${high} - ${low} = ${high - low}.`,
    `${x} times ${y} is ${x * y}.`,
    high === low ? `${high} and ${low} are equal.` : `${high} is larger than ${low}.`,
    `${a + 1} comes after ${a}.`,
    `After ${a}, ${a + 1} and ${a + 2} comes ${a + 3}.`,
    numberWord(a) === undefined ? `${a} is less than ${a + b + 1}.` : `${a} is written ${numberWord(a)}.`,
  ])
}
