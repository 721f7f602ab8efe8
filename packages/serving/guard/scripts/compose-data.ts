/**
 * Writes data/attacks-composed.jsonl and data/benign-composed.jsonl: injections embedded in documents (tool role) and attacks embedded in
 * benign requests (user role), plus as many benign texts composed the same way, so that neither documents nor joints indicate an attack.
 * All texts are handwritten, in data/ and data/parts/; this only combines them, deterministically.
 *
 *   node --conditions=@hadal/source --import tsx packages/serving/guard/scripts/compose-data.ts [folder]
 */

import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

interface Row {
  readonly text: string
  readonly label: 0 | 1
  readonly source: string
  readonly lang: string
  readonly category: string
  readonly role?: string
}

const data = fileURLToPath(new URL('../data/', import.meta.url))
const written = process.argv[2] ?? data
const languages = ['en', 'zh'] as const
/** Documents per injection. */
const documentsPerOrder = 4
const dilutedPerLanguage = 160
const tasksPerOpening = 6
/** Attacks that are attacks in any context. */
const dilutedCategories: ReadonlySet<string> = new Set([
  'override',
  'prompt-leak',
  'role-play',
  'refusal-suppression',
  'privilege',
])

const read = <T>(name: string): T[] =>
  readFileSync(join(data, name), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as T)

/** Mulberry32, in [0, 1). */
function randomOf(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

const random = randomOf(20_240_611)

function someOf<T>(from: readonly T[], count: number): T[] {
  const left = [...from]
  return Array.from({ length: Math.min(count, left.length) }, () =>
    left.splice(Math.floor(random() * left.length), 1),
  ).flat()
}

/** Sentence and line ends, including the start and end of the text. */
function jointsOf(text: string): number[] {
  const ends = [...text.matchAll(/\n+|[.!?] (?=[A-Z"])|[。！？；](?!$)/gu)].map(
    ({ index, 0: end }) => index + end.length,
  )
  return [0, ...ends, text.length]
}

function putInto(document: string, order: string, separator: string): string {
  const [at] = someOf(jointsOf(document), 1) as [number]
  const isOwnLine = random() < 0.4
  const parts = [document.slice(0, at).trimEnd(), order, document.slice(at).trimStart()]
  return parts.filter((part) => part !== '').join(isOwnLine ? '\n' : separator)
}

/** Injections and benign requests embedded in documents, and the documents unchanged. */
function indirect(lang: string): Row[] {
  const separator = lang === 'zh' ? '' : ' '
  const source = `hadal:composed-${lang}-indirect`
  const documents = read<Row>('parts/carriers.jsonl').filter((row) => row.lang === lang)
  const insertions = read<Row>('parts/insertions.jsonl').filter((row) => row.lang === lang)
  const rowOf = (text: string, label: 0 | 1): Row => ({
    text,
    label,
    source,
    lang,
    category: label === 1 ? 'indirect' : 'tool-output',
    role: 'tool',
  })
  return [
    ...documents.map(({ text }) => rowOf(text, 0)),
    ...insertions.flatMap(({ text, label }) =>
      someOf(documents, documentsPerOrder).map((document) =>
        rowOf(putInto(document.text, text, separator), label),
      ),
    ),
  ]
}

/** The simplest attacks: an opener plus a goal; a third of them in documents. Benign texts are composed the same way. */
function openings(lang: string): Row[] {
  const separator = lang === 'zh' ? '' : ' '
  const of = (name: string, label: 0 | 1): Row[] =>
    read<Row>(`parts/${name}.jsonl`).filter((row) => row.lang === lang && row.label === label)
  const documents = read<Row>('parts/carriers.jsonl').filter((row) => row.lang === lang)
  return ([1, 0] as const).flatMap((label) =>
    of('openings', label).flatMap((opening) =>
      someOf(of('tasks', label), tasksPerOpening).map((task): Row => {
        const order = opening.text + separator + task.text
        const isIndirect = random() < 1 / 3
        const document = someOf(documents, 1)[0]!
        return {
          text: isIndirect ? putInto(document.text, order, separator) : order,
          label,
          source: `hadal:composed-${lang}-openings`,
          lang,
          category: label === 1 ? 'override' : 'trigger-words',
          ...(isIndirect && { role: 'tool' }),
        }
      }),
    ),
  )
}

/** A short attack among benign requests, and benign requests alone. They keep the attack's source. */
function diluted(lang: string): Row[] {
  const separator = lang === 'zh' ? '' : ' '
  const ofUsers = (rows: readonly Row[], least: number, most: number): Row[] =>
    rows.filter(({ text, role }) => role === undefined && text.length >= least && text.length <= most)
  const scale = lang === 'zh' ? 0.4 : 1
  const attacks = ofUsers(read<Row>(`attacks-${lang}.jsonl`), 30 * scale, 220 * scale).filter((row) =>
    dilutedCategories.has(row.category),
  )
  const benign = ofUsers(read<Row>(`benign-${lang}.jsonl`), 60 * scale, 700 * scale)
  const around = (middle: Row, count: number): Row => {
    const texts = someOf(benign, count).map(({ text }) => text)
    texts.splice(Math.floor(random() * (count + 1)), 0, middle.text)
    return { ...middle, text: texts.join(random() < 0.5 ? '\n' : separator) }
  }
  const count = (): number => 1 + Math.floor(random() * 3)
  return [...someOf(attacks, dilutedPerLanguage), ...someOf(benign, dilutedPerLanguage / 2)].map((row) =>
    around(row, count()),
  )
}

const rows = languages.flatMap((lang) => [...indirect(lang), ...diluted(lang), ...openings(lang)])
const distinct = [...new Map(rows.map((row) => [row.text, row])).values()]
for (const [name, label] of [
  ['attacks-composed.jsonl', 1],
  ['benign-composed.jsonl', 0],
] as const) {
  const lines = distinct.filter((row) => row.label === label).map((row) => JSON.stringify(row))
  writeFileSync(join(written, name), `${lines.join('\n')}\n`)
  process.stdout.write(`${name}: ${lines.length} texts\n`)
}
