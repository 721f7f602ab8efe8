// The plain names for what kind of thing a noun is, tied to WordNet senses, and how to find the nearest one.
// Knows nothing about phrasing.

import type { Synset, WordNet } from './wordnet.ts'

export interface Kind {
  readonly one: string
  readonly many: string
}

/** WordNet lemma, index of the sense, singular and plural name. */
const NAMED: readonly (readonly [string, number, string, string])[] = [
  ['animal', 0, 'animal', 'animals'],
  ['bird', 0, 'bird', 'birds'],
  ['fish', 0, 'fish', 'fish'],
  ['insect', 0, 'insect', 'insects'],
  ['tree', 0, 'tree', 'trees'],
  ['flower', 0, 'flower', 'flowers'],
  ['plant', 1, 'plant', 'plants'],
  ['edible fruit', 0, 'fruit', 'fruits'],
  ['vegetable', 0, 'vegetable', 'vegetables'],
  ['food', 0, 'food', 'foods'],
  ['food', 1, 'food', 'foods'],
  ['beverage', 0, 'drink', 'drinks'],
  ['tool', 0, 'tool', 'tools'],
  ['musical instrument', 0, 'musical instrument', 'musical instruments'],
  ['vehicle', 0, 'vehicle', 'vehicles'],
  ['building', 0, 'building', 'buildings'],
  ['room', 0, 'room', 'rooms'],
  ['furniture', 0, 'piece of furniture', 'pieces of furniture'],
  ['clothing', 0, 'piece of clothing', 'clothes'],
  ['weapon', 0, 'weapon', 'weapons'],
  ['container', 0, 'container', 'containers'],
  ['machine', 0, 'machine', 'machines'],
  ['device', 0, 'device', 'devices'],
  ['fabric', 0, 'kind of cloth', 'kinds of cloth'],
  ['relative', 0, 'relative', 'relatives'],
  ['worker', 0, 'worker', 'workers'],
  ['leader', 0, 'leader', 'leaders'],
  ['person', 0, 'person', 'people'],
  ['body part', 0, 'part of the body', 'parts of the body'],
  ['illness', 0, 'illness', 'illnesses'],
  ['feeling', 0, 'feeling', 'feelings'],
  ['color', 0, 'color', 'colors'],
  ['game', 0, 'game', 'games'],
  ['sport', 0, 'sport', 'sports'],
  ['science', 0, 'science', 'sciences'],
  ['language', 0, 'language', 'languages'],
  ['metallic element', 0, 'metal', 'metals'],
  ['material', 0, 'material', 'materials'],
  ['liquid', 2, 'liquid', 'liquids'],
  ['document', 0, 'document', 'documents'],
  ['book', 1, 'book', 'books'],
  ['time period', 0, 'period of time', 'periods of time'],
  ['body of water', 0, 'body of water', 'bodies of water'],
  ['road', 0, 'road', 'roads'],
  ['city', 0, 'city', 'cities'],
  ['structure', 0, 'structure', 'structures'],
  ['sound', 0, 'sound', 'sounds'],
  ['coin', 0, 'coin', 'coins'],
]

export type KindFinder = (synset: Synset) => Kind | undefined

/** The nearest named kind above a synset, following hypernyms breadth first; never the synset itself. */
export function kindFinder(wordNet: WordNet): KindFinder {
  const named = new Map<string, Kind>()
  for (const [lemma, sense, one, many] of NAMED) {
    const synset = wordNet.senses(lemma, 'noun')[sense]
    if (synset !== undefined) named.set(synset.id, { one, many })
  }
  return (synset) => {
    let level: readonly Synset[] = [synset]
    for (let depth = 0; depth < 7; depth++) {
      level = level.flatMap(({ pointers }) =>
        pointers
          .filter(({ symbol }) => symbol === '@' || symbol === '@i')
          .map(({ target }) => wordNet.synsets.get(target)!),
      )
      for (const above of level) {
        const kind = named.get(above.id)
        if (kind !== undefined) return kind
      }
    }
    return undefined
  }
}
