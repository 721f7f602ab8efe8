/** Every place where a cause of the catalogue shows itself in the texts. Which of them is the cause of the rest is not decided here. */

import type { Cause, Figures, LogLine, Sighting } from './cause.ts'
import { isEcho, isSaidCalmly, isSourceLine, isSpokenOf } from './is-mentioned.ts'
import { createIsOvercome } from './is-overcome.ts'
import { createLiteralScan, type LiteralScan } from './literal-scan.ts'
import type { ReadLine, ReadText } from './read-text.ts'
import { requiredLiterals } from './required-literals.ts'
import { speaksOnly } from './text-kind.ts'

export interface PlacedSighting {
  /** Indexes into the texts, and into the lines of that text. */
  readonly text: number
  readonly line: number
  readonly figures: Figures
}

export interface Seen {
  readonly cause: Cause
  /** In the order of texts and lines; of many, the first ones and the last. */
  readonly sightings: readonly PlacedSighting[]
  readonly times: number
}

/** Sightings kept of one cause in one text, besides the last. */
const maxKept = 40

export function findSightings(texts: readonly ReadText[], catalogue: readonly Cause[]): readonly Seen[] {
  const search = searchOf(catalogue)
  const found = new Map<Cause, { sightings: PlacedSighting[]; times: number }>()
  const add = (cause: Cause, sighting: PlacedSighting): void => {
    const of = found.get(cause) ?? { sightings: [], times: 0 }
    found.set(cause, of)
    of.times += 1
    const kept = of.sightings
    if (kept.length > maxKept && kept[kept.length - maxKept]?.text === sighting.text) kept.pop()
    kept.push(sighting)
  }
  for (const [text, { lines, kind }] of texts.entries()) {
    const isQuoted = speaksOnly(kind) ? outsideFences(lines) : undefined
    const isOvercome = createIsOvercome(lines)
    for (const [line, each] of lines.entries()) {
      if (isQuoted?.[line] === true) continue
      const hits = heaviest(search.find(each, lines, line))
      if (hits.length === 0 || isOvercome(line)) continue
      for (const { cause, figures } of hits) add(cause, { text, line, figures })
    }
    for (const cause of search.readers)
      for (const { from, figures } of cause.shows(lines))
        if (isQuoted?.[from] !== true && isSaid(lines, from)) add(cause, { text, line: from, figures })
  }
  return [...found].map(([cause, of]) => ({ cause, ...of }))
}

/** In a document, only fenced blocks are program output. */
function outsideFences(lines: readonly ReadLine[]): readonly boolean[] {
  let isFenced = false
  return lines.map(({ raw }) => {
    if (/^\s*(?:```|~~~)/.test(raw)) isFenced = !isFenced
    return !isFenced
  })
}

/** By a program, of itself: neither typed nor the source of it. */
function isSaid(lines: readonly ReadLine[], index: number): boolean {
  const { text, raw } = lines[index]!
  return !isEcho(text) && !isEcho(raw) && !isSourceLine(lines[index - 1]?.text, text, lines[index + 1]?.text)
}

interface Hit {
  readonly cause: Cause
  readonly figures: Figures
}

/** Drops hits that weigh less than another on the same line. */
function heaviest(hits: readonly Hit[]): readonly Hit[] {
  if (hits.length < 2) return hits
  const most = Math.max(...hits.map(({ cause }) => cause.weight ?? 0))
  return hits.filter(({ cause }) => (cause.weight ?? 0) === most)
}

type ReadingCause = Cause & { readonly shows: (lines: readonly LogLine[]) => readonly Sighting[] }

interface Search {
  readonly find: (line: ReadLine, lines: readonly ReadLine[], index: number) => readonly Hit[]
  /** Those that read several lines. */
  readonly readers: readonly ReadingCause[]
}

/** Hundreds of patterns take a while to be made ready: once for each catalogue. */
const searches = new WeakMap<readonly Cause[], Search>()

function searchOf(catalogue: readonly Cause[]): Search {
  const search = searches.get(catalogue) ?? createSearch(catalogue)
  searches.set(catalogue, search)
  return search
}

function createSearch(catalogue: readonly Cause[]): Search {
  const patterns = catalogue.flatMap((cause) =>
    typeof cause.shows === 'function' ? [] : cause.shows.map((each) => ({ cause, pattern: stateless(each) })),
  )
  const wanted = new Map<string, number[]>()
  const everywhere: number[] = []
  for (const [index, { pattern }] of patterns.entries()) {
    const literals = requiredLiterals(pattern)
    if (literals === undefined) everywhere.push(index)
    for (const literal of literals ?? []) wanted.set(literal, [...(wanted.get(literal) ?? []), index])
  }
  const scan: LiteralScan = createLiteralScan([...wanted.keys()])
  const patternsOf = [...wanted.values()]
  const candidates = new Set<number>()
  const collect = (literal: number): void => {
    for (const index of patternsOf[literal]!) candidates.add(index)
  }
  return {
    readers: catalogue.filter((cause): cause is ReadingCause => typeof cause.shows === 'function'),
    find(line, lines, index) {
      candidates.clear()
      scan.scan(line.raw, collect)
      if (candidates.size === 0 && everywhere.length === 0) return none
      const hits = new Map<Cause, Hit>()
      // In the order of the catalogue, whichever was found first.
      for (const each of [...everywhere, ...candidates].sort((a, b) => a - b)) {
        const { cause, pattern } = patterns[each]!
        if (hits.has(cause)) continue
        const found = matchOf(pattern, line)
        if (found === undefined) continue
        if ((cause.weight ?? 0) < 0 && (line.isCalm ?? isSaidCalmly(line.raw))) continue
        hits.set(cause, { cause, figures: found })
      }
      return hits.size > 0 && isSaid(lines, index) ? [...hits.values()] : none
    },
  }
}

const none: readonly Hit[] = []

/** `g` and `y` would make a pattern stateful. */
const stateless = (pattern: RegExp): RegExp => new RegExp(pattern.source, pattern.flags.replace(/[gyd]/g, ''))

/** What a pattern captured in the message or, failing that, in the whole line; undefined if the text only mentions it. */
function matchOf(pattern: RegExp, { text, raw }: ReadLine): Figures | undefined {
  for (const where of text === raw ? [text] : [text, raw]) {
    const found = pattern.exec(where)
    if (found === null) continue
    if (isSpokenOf({ text: where, from: found.index, to: found.index + found[0].length })) return undefined
    return figuresOf(found.groups)
  }
  return undefined
}

function figuresOf(groups: Readonly<Record<string, string | undefined>> | undefined): Figures {
  const said = Object.entries(groups ?? {}).filter(
    (each): each is [string, string] => each[1] !== undefined && each[1] !== '',
  )
  return Object.fromEntries(said)
}
