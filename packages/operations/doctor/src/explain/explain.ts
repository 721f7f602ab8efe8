/**
 * Finds one cause in many lines: matches the catalogue and picks the cause that explains the rest. Reports "unknown" rather than
 * guess. No file or clock access.
 */

import { burstsOf } from './bursts.ts'
import type { Cause, Figures } from './cause.ts'
import { type Candidate, chooseCause, reachesOf } from './choose-cause.ts'
import type { Evidence, ExplainInput, Explanation, SeenCause, TimelineEntry } from './explanation.ts'
import { findSightings, type PlacedSighting, type Seen } from './find-sightings.ts'
import type { ReadText } from './read-text.ts'
import { readTexts } from './read-texts.ts'
import { suspiciousLines } from './suspicious-lines.ts'
import { timelineOf } from './timeline.ts'

export interface ExplainOptions {
  /** Epoch milliseconds: dates without a year are in the 12 months before it, unless a text gives the year. */
  readonly now?: number
}

/**
 * Never throws, whatever the texts are, as long as no entry of the catalogue does.
 *
 * @example
 * ```ts
 * import { causes } from '@hadal/causes'
 * import { explain } from '@hadal/doctor'
 *
 * const { cause } = explain(
 *   [{ name: 'train.log', text: 'torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB.' }],
 *   causes,
 *   { now: Date.now() },
 * )
 * cause?.id // → 'cuda_oom_plain'
 * ```
 */
export function explain(
  inputs: readonly ExplainInput[],
  catalogue: readonly Cause[],
  options: ExplainOptions = {},
): Explanation {
  const texts = readTexts(inputs, options.now)
  const seen = findSightings(texts, catalogue)
  const candidates = candidatesOf(seen, texts)
  const { cause, consequences, others } = chooseCause(candidates, reachesOf(catalogue))
  return {
    cause: cause && seenCause(cause, texts),
    alsoSeen: [
      ...consequences.map((each) => ({ ...seenCause(each, texts), isConsequence: true })),
      ...others.map((each) => seenCause(each, texts)),
    ],
    timeline: timelineOf(entriesOf(seen, texts)),
    read: texts.map(readAs),
    suspicious: cause === undefined ? suspiciousLines(texts) : [],
    ...(texts.every(({ kind }) => kind === 'empty' || kind === 'no text') && { isNothingThere: true }),
  }
}

type Found = Candidate & { readonly seen: Seen }

function candidatesOf(seen: readonly Seen[], texts: readonly ReadText[]): readonly Found[] {
  const points = seen.flatMap(({ sightings }, index) =>
    sightings.map(({ text, line }) => ({ index, text, line, ...timeOf(texts[text]!, line) })),
  )
  const bursts = burstsOf(points)
  const startOf = startsOf(texts)
  return seen.map((each, index) => {
    const own = points.flatMap((point, nth) =>
      point.index === index ? [{ ...point, burst: bursts[nth]! }] : [],
    )
    const times = own.flatMap(({ at }) => at ?? [])
    return {
      id: each.cause.id,
      severity: each.cause.severity,
      weight: each.cause.weight ?? 0,
      firstLine: Math.min(...own.map(({ text, line }) => startOf[text]! + line)),
      burst: Math.max(...own.map(({ burst }) => burst)),
      ...(times.length > 0 && { firstAt: Math.min(...times), lastAt: Math.max(...times) }),
      seen: each,
    }
  })
}

/** First line of each text, as if they were concatenated. */
function startsOf(texts: readonly ReadText[]): readonly number[] {
  let lines = 0
  return texts.map((text) => {
    const start = lines
    lines += text.lines.length
    return start
  })
}

/** A stack has the time of the line before it. */
const nearLines = 200

function timeOf({ lines }: ReadText, line: number): { readonly at?: number } {
  for (let index = line; index >= Math.max(0, line - nearLines); index -= 1) {
    const at = lines[index]?.at
    if (at !== undefined) return { at }
  }
  for (let index = line + 1; index <= line + nearLines && index < lines.length; index += 1) {
    const at = lines[index]?.at
    if (at !== undefined) return { at }
  }
  return {}
}

const maxEvidence = 4
const longestText = 500

function seenCause(
  { seen: { cause, sightings, times }, firstAt, lastAt }: Found,
  texts: readonly ReadText[],
): SeenCause {
  const figures = tellingFigures(sightings)
  const shown =
    sightings.length <= maxEvidence ? sightings : [...sightings.slice(0, maxEvidence - 1), sightings.at(-1)!]
  return {
    id: cause.id,
    family: cause.family,
    severity: cause.severity,
    title: cause.title,
    says: cause.says(figures),
    fix: cause.fix(figures),
    figures,
    evidence: shown.map((each) => evidenceOf(each, texts)),
    times,
    ...(firstAt !== undefined && lastAt !== undefined && { firstAt, lastAt }),
    source: cause.source,
  }
}

/** Stats of one position, because those of two do not belong together. The first with the most fields. */
function tellingFigures(sightings: readonly PlacedSighting[]): Figures {
  let most: Figures = {}
  for (const { figures } of sightings)
    if (Object.keys(figures).length > Object.keys(most).length) most = figures
  return most
}

function evidenceOf({ text, line }: PlacedSighting, texts: readonly ReadText[]): Evidence {
  const { name, lines } = texts[text]!
  const { number, raw } = lines[line]!
  return { file: name, line: number, text: raw.trim().slice(0, longestText) }
}

function entriesOf(seen: readonly Seen[], texts: readonly ReadText[]): readonly TimelineEntry[] {
  return seen
    .flatMap(({ cause, sightings }) => sightings.map((sighting) => ({ cause, sighting })))
    .toSorted((a, b) => a.sighting.text - b.sighting.text || a.sighting.line - b.sighting.line)
    .map(({ cause, sighting }) => ({
      ...timeOf(texts[sighting.text]!, sighting.line),
      ...evidenceOf(sighting, texts),
      causeId: cause.id,
    }))
}

/** `dmesg.txt: kernel log, 412 lines; times count from the start of the machine`. */
function readAs({ name, kind, lineCount, isCut, clockNotes }: ReadText): string {
  const size = `${lineCount} ${lineCount === 1 ? 'line' : 'lines'}`
  return [`${name}: ${kind}, ${size}`, ...(isCut ? ['the end of a longer one'] : []), ...clockNotes].join(
    '; ',
  )
}
