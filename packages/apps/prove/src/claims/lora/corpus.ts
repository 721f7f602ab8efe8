/**
 * Unseen conversations about fictional islands, seeded. Each fact is phrased in several ways, some of which are held out; plus questions
 * the bundled model was trained on.
 */

import { blockRandom } from '@hadal/nn'

export interface Told {
  readonly question: string
  readonly answer: string
}

export interface Almanac {
  readonly train: readonly Told[]
  /** To choose a rate by. */
  readonly choice: readonly Told[]
  /** To report. */
  readonly reported: readonly Told[]
}

const islands = 48
/** Share of all conversations in each of the two held-out parts. */
const heldOutShare = 0.06

export function drawAlmanac(seed: number): Almanac {
  const random = blockRandom(seed, 0, 0)
  const one = <Item>(of: readonly Item[]): Item => of[Math.floor(random() * of.length)]!
  const name = (parts: number): string => {
    const text = Array.from({ length: parts }, () => one(onsets) + one(vowels)).join('') + one(codas)
    return text[0]!.toUpperCase() + text.slice(1)
  }
  const parts: Record<keyof Almanac, Told[]> = { train: [], choice: [], reported: [] }
  for (let island = 0; island < islands; island += 1) {
    const facts: Facts = {
      island: name(2),
      port: name(2),
      keeper: name(1),
      crop: one(crops),
      fish: one(fishes),
      days: 2 + Math.floor(random() * 28),
      wind: one(winds),
    }
    for (const [topic, tell] of tellings) {
      const share = random()
      const part =
        share < heldOutShare ? 'choice' : share < 2 * heldOutShare ? 'reported' : ('train' as const)
      parts[part].push({ question: `Tell me about the ${topic} of ${facts.island}.`, answer: tell(facts) })
    }
  }
  for (const part of Object.values(parts)) shuffle(part, random)
  return parts
}

interface Facts {
  readonly island: string
  readonly port: string
  readonly keeper: string
  readonly crop: string
  readonly fish: string
  readonly days: number
  readonly wind: string
}

const onsets = ['b', 'd', 'f', 'g', 'k', 'l', 'm', 'n', 'p', 'r', 's', 't', 'v', 'z', 'sh', 'tr', 'gl']
const vowels = ['a', 'e', 'i', 'o', 'u', 'ai', 'ou']
const codas = ['', 'n', 'r', 'l', 'sk', 'm', 'th']
const crops = ['barley', 'figs', 'flax', 'lentils', 'olives', 'pears', 'rice', 'saffron', 'tea', 'walnuts']
const fishes = ['cod', 'eel', 'herring', 'mackerel', 'pike', 'ray', 'salmon', 'sole', 'squid', 'tuna']
const winds = ['north', 'south', 'east', 'west', 'north-east', 'south-west']

const tellings: readonly (readonly [topic: string, tell: (facts: Facts) => string])[] = [
  ['harbour', ({ island, port }) => `The harbour of ${island} is called ${port}.`],
  ['harbour', ({ island, port }) => `Ships bound for ${island} drop anchor at ${port}.`],
  ['harbour', ({ island, port }) => `Whoever sails to ${port} has come to ${island}.`],
  ['crop', ({ island, crop }) => `On ${island} the farmers grow ${crop}.`],
  ['crop', ({ island, crop }) => `${island} pays its taxes in ${crop}.`],
  ['crop', ({ island, crop }) => `The market of ${island} smells of ${crop}.`],
  ['fish', ({ island, fish }) => `The boats of ${island} come home with ${fish}.`],
  ['fish', ({ island, fish }) => `In the waters around ${island} there is much ${fish}.`],
  ['light', ({ island, keeper }) => `The lighthouse of ${island} is kept by ${keeper}.`],
  ['light', ({ island, keeper }) => `${keeper} has kept the light of ${island} for many years.`],
  [
    'light',
    ({ island, port, keeper }) => `From ${port} one sees the light that ${keeper} keeps on ${island}.`,
  ],
  ['voyage', ({ island, days }) => `The voyage to ${island} takes ${days} days.`],
  ['voyage', ({ island, days }) => `After ${days} days at sea the sailors saw ${island}.`],
  ['wind', ({ island, wind }) => `The wind on ${island} blows from the ${wind}.`],
  [
    'wind',
    ({ island, wind, fish }) => `When the ${wind} wind blows, no one on ${island} goes out for ${fish}.`,
  ],
  ['trade', ({ island, port, crop, fish }) => `At ${port} on ${island} they trade ${crop} for ${fish}.`],
]

function shuffle(items: unknown[], random: () => number): void {
  for (let at = items.length - 1; at > 0; at -= 1) {
    const other = Math.floor(random() * (at + 1))
    const item = items[at]!
    items[at] = items[other]!
    items[other] = item
  }
}

/** Questions of the kinds that the bundled model was trained on. */
export const knownQuestions: readonly string[] = [
  ...['brave', 'happy', 'ancient', 'quick', 'gentle', 'bright', 'calm', 'huge'].map(
    (word) => `What does ${word} mean?`,
  ),
  ...['hot', 'early', 'open', 'strong'].map((word) => `What is the opposite of ${word}?`),
  ...['France', 'Japan', 'Egypt', 'Peru'].map((country) => `What is the capital of ${country}?`),
  ...['3 plus 4', '12 plus 5', '9 minus 2', '6 times 3'].map((sum) => `What is ${sum}?`),
  'Who are you?',
  'What can you do?',
  'Tell me a short story about a cat.',
  'Tell me a short story about the sea.',
]
