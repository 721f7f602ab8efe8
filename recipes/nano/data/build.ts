// Makes the data of the recipe: `npx tsx --conditions=@hadal/source recipes/nano/data/build.ts [--quick]`.
// Pretraining documents and conversations with held-out parts and a manifest, the same bytes every time.
// Knows nothing about tokens or training.

import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Conversation, conversations } from './chat/conversations.ts'
import type { Knowledge } from './chat/topics.ts'
import { dictionaryDocuments, sentenceDocuments } from './documents/dictionary.ts'
import { novelDocuments, speechDocuments } from './documents/prose.ts'
import { wordDocuments } from './documents/words.ts'
import { numberDocuments, worldDocuments } from './documents/world.ts'
import { type FullKnowledge, fullKnowledge, tableKnowledge } from './knowledge.ts'
import { createRandom, type Random } from './random.ts'
import { residueIn } from './residue.ts'
import { installSources, SOURCES } from './sources.ts'
import { tellStory } from './stories.ts'

const SEED = 1706
const SEPARATOR = '<|endoftext|>'

export interface Data {
  readonly pretrain: readonly string[]
  readonly pretrainValid: readonly string[]
  readonly chat: readonly Conversation[]
  readonly chatValid: readonly Conversation[]
  readonly sections: Readonly<Record<string, number>>
}

/** The small form: hand-written tables only, no package needed, a second or two. */
export function quickData(): Data {
  const knowledge = tableKnowledge()
  const random = createRandom(SEED)
  return splitData(sharedSections(knowledge, random, 0.1), knowledge, random, 3000, 300)
}

export function fullData(modules: string): Data {
  const knowledge = fullKnowledge(modules)
  const random = createRandom(SEED)
  const sections = { ...sharedSections(knowledge, random, 1), ...packageSections(knowledge, modules, random) }
  return splitData(sections, knowledge, random, 100_000, 3000)
}

type Sections = Record<string, readonly string[]>

function sharedSections(knowledge: Knowledge, random: Random, scale: number): Sections {
  const stories = random.fork('stories')
  const trim = (documents: string[]): string[] => documents.slice(0, Math.ceil(documents.length * scale))
  return {
    words: trim(wordDocuments(knowledge.entries, random.fork('words'))),
    world: trim(worldDocuments(knowledge, random.fork('world'))),
    numbers: numberDocuments(6000 * scale, random.fork('numbers')),
    stories: Array.from({ length: 6000 * scale }, () => tellStory(stories).text),
  }
}

function packageSections(knowledge: FullKnowledge, modules: string, random: Random): Sections {
  const taught = new Set(knowledge.entries.map(({ word }) => word))
  return {
    dictionary: dictionaryDocuments(knowledge.wordNet, taught, random.fork('dictionary')),
    sentences: sentenceDocuments(knowledge.wordNet, random.fork('sentences')),
    speeches: speechDocuments(modules),
    novel: novelDocuments(modules),
  }
}

/** One document in fifty is held out of pretraining, from every section alike. */
function splitData(
  sections: Sections,
  knowledge: Knowledge,
  random: Random,
  talks: number,
  held: number,
): Data {
  const shuffler = random.fork('split')
  const all = shuffler.shuffle(Object.values(sections).flat())
  const cut = Math.ceil(all.length / 50)
  const sizes = Object.entries(sections).map(
    ([name, documents]) => [name, documents.join('\n').length] as const,
  )
  const chatRandom = random.fork('chat')
  return {
    pretrain: all.slice(cut),
    pretrainValid: all.slice(0, cut),
    chat: conversations(knowledge, talks, 'train', chatRandom.fork('train')),
    chatValid: [
      ...conversations(knowledge, held, 'phrasing', chatRandom.fork('phrasing')),
      ...conversations(knowledge, Math.ceil(held / 3), 'fact', chatRandom.fork('fact')),
    ],
    sections: Object.fromEntries(sizes),
  }
}

/** Writes the four files and the manifest; refuses documents with traces of how they were made. */
export function writeData(data: Data, folder: string, quick: boolean): void {
  mkdirSync(folder, { recursive: true })
  const files: Record<string, { bytes: number; items: number; words: number; sha256: string }> = {}
  const write = (name: string, text: string, items: number): void => {
    writeFileSync(join(folder, name), text)
    files[name] = {
      bytes: Buffer.byteLength(text),
      items,
      words: text.split(/\s+/).length,
      sha256: createHash('sha256').update(text).digest('hex'),
    }
  }
  const joined = (documents: readonly string[]): string =>
    documents.map((text) => `${text}\n${SEPARATOR}\n`).join('')
  const lines = (talks: readonly Conversation[]): string =>
    talks.map((talk) => `${JSON.stringify(talk)}\n`).join('')
  for (const text of data.pretrain) {
    const fault = residueIn(text)
    if (fault !== undefined) throw new Error(`${fault} in document: ${text.slice(0, 300)}`)
  }
  write('pretrain.txt', joined(data.pretrain), data.pretrain.length)
  write('pretrain.valid.txt', joined(data.pretrainValid), data.pretrainValid.length)
  write('chat.jsonl', lines(data.chat), data.chat.length)
  write('chat.valid.jsonl', lines(data.chatValid), data.chatValid.length)
  const manifest = {
    seed: SEED,
    quick,
    separator: SEPARATOR,
    sections: data.sections,
    files,
    sources: [
      {
        package: 'recipes/nano/data/tables',
        license: 'Apache-2.0',
        gives: 'everyday words, facts, questions',
      },
      ...(quick ? [] : SOURCES),
    ],
  }
  writeFileSync(join(folder, 'manifest.json'), `${JSON.stringify(manifest, null, 2)}\n`)
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const quick = process.argv.includes('--quick')
  const root = fileURLToPath(new URL('../../../.data/', import.meta.url))
  const folder = join(root, quick ? 'nano-quick' : 'nano')
  writeData(quick ? quickData() : fullData(installSources(join(root, 'npm'))), folder, quick)
  console.log(readFileSync(join(folder, 'manifest.json'), 'utf8'))
}
