/**
 * Builds an index from labelled texts: attack windows without near-duplicates and without windows that also occur in benign texts, plus the
 * benign similarity distribution. Used for the bundled index, for evaluation and for custom texts.
 */

import { calibrate } from '../calibration.ts'
import type { Language } from '../check.ts'
import type { LabelledText } from '../labelled-text.ts'
import type { AttackFile } from './attack-file.ts'
import { AttackIndex } from './attack-index.ts'
import { builtInEncoders } from './built-in-encoders.ts'
import { clusterVectors, listVectors } from './cluster-vectors.ts'
import { type EncodedWindow, encodeTexts } from './encoded-windows.ts'
import type { Encoder } from './encoder.ts'
import type { KnownAttack } from './known-attack.ts'
import { Shelf } from './shelf.ts'
import { siftWindows } from './sift-windows.ts'
import { thinOut } from './thin-out.ts'

export interface BuildAttackIndexOptions {
  readonly encoders?: readonly Encoder[]
  /** Whether the index may contain the text itself; default: always. */
  readonly keepsText?: (row: LabelledText) => boolean
  /** Maximum vectors per encoder. */
  readonly most?: number
  readonly signal?: AbortSignal
}

/** Maximum windows per encoder considered; the comparison is quadratic. */
const maxRead = 6000
/** Windows with a higher cosine are duplicates. */
const sameCosine = 0.95
/** Fraction of windows dropped because benign texts are similar. */
const leftOut = 0.3

/** Texts composed of parts that also occur alone; the other parts are benign. */
const composed = 'hadal:composed-'

/**
 * Rejects with encoder errors.
 *
 * @example
 * ```ts
 * import { buildAttackIndex, createGuard, type LabelledText, readLabelledTexts } from '@hadal/guard'
 *
 * const rows: LabelledText[] = []
 * for await (const row of readLabelledTexts('attacks.jsonl')) rows.push(row)
 * const index = await buildAttackIndex(rows, { most: 1_000 })
 * const guard = createGuard({ attacks: index })
 * ```
 */
export async function buildAttackIndex(
  rows: readonly LabelledText[],
  { encoders = builtInEncoders(), keepsText = () => true, most = 3000, signal }: BuildAttackIndexOptions = {},
): Promise<AttackIndex> {
  const [attacks, benign] = [
    rows.filter(({ isAttack, source }) => isAttack && !source.startsWith(composed)),
    rows.filter(({ isAttack }) => !isAttack),
  ]
  const attackWindows = await windowsOfAll(encoders, attacks, signal)
  const benignWindows = await windowsOfAll(encoders, benign, signal)
  const scores: Record<Language, number[]> = { en: [], zh: [], other: [] }
  const [kept, keptBenign]: [EncodedWindow[], EncodedWindow[]] = [[], []]
  for (const encoder of encoders) {
    signal?.throwIfAborted()
    const own = evenly(
      attackWindows.filter((window) => window.encoder === encoder),
      maxRead,
    )
    const thinned = thinOut(own, sameCosine, most).map((at) => own[at]!)
    const harmless = evenly(
      benignWindows.filter((window) => window.encoder === encoder),
      maxRead,
    )
    keptBenign.push(...harmless)
    const sifted = siftWindows(thinned, harmless, leftOut)
    kept.push(...sifted.kept.map((at) => thinned[at]!))
    if (thinned.length > 0)
      harmless.forEach(({ language }, at) => {
        scores[language].push(sifted.scores[at]!)
      })
  }
  const measured = (Object.keys(scores) as Language[]).filter((language) => scores[language].length > 0)
  const file: AttackFile = {
    attacks: shelfOf(attacks, kept, keepsText, clusterVectors),
    benign: shelfOf(benign, keptBenign, keepsText, listVectors),
    encoders: encoders.map(({ name }) => name),
    calibration: Object.fromEntries(measured.map((language) => [language, calibrate(scores[language])])),
  }
  return AttackIndex.of(file, encoders)
}

/** Samples evenly if there are more. */
function evenly<T>(all: readonly T[], most: number): readonly T[] {
  const step = Math.max(1, all.length / most)
  return Array.from({ length: Math.min(all.length, most) }, (_, at) => all[Math.floor(at * step)]!)
}

/** Texts encoded per batch. */
const batch = 64

async function windowsOfAll(
  encoders: readonly Encoder[],
  rows: readonly LabelledText[],
  signal: AbortSignal | undefined,
): Promise<EncodedWindow[]> {
  const all: EncodedWindow[] = []
  for (let from = 0; from < rows.length; from += batch) {
    signal?.throwIfAborted()
    const texts = rows.slice(from, from + batch).map(({ text }) => text)
    const { windows } = await encodeTexts(encoders, texts, () => true)
    all.push(...windows.map((window) => ({ ...window, text: window.text + from })))
  }
  return all
}

/** Only texts with windows. Ids are numbered per source. */
function shelfOf(
  rows: readonly LabelledText[],
  windows: readonly EncodedWindow[],
  keepsText: (row: LabelledText) => boolean,
  arrange: typeof clusterVectors,
): Shelf {
  const counts = new Map<string, number>()
  const ids = rows.map(({ source }) => {
    const count = (counts.get(source) ?? 0) + 1
    counts.set(source, count)
    return `${source}#${count}`
  })
  const present = [...new Set(windows.map(({ text }) => text))].sort((a, b) => a - b)
  const numbers = new Map(present.map((row, number) => [row, number]))
  const known = present.map((at): KnownAttack => {
    const { language, source, category, text } = rows[at]!
    return {
      ...{ id: ids[at]!, language, source },
      ...(category !== undefined && { label: category }),
      ...(keepsText(rows[at]!) && { text }),
    }
  })
  return Shelf.of(
    known,
    windows.map(({ encoder, vector, text }) => ({ encoder, vector, owner: numbers.get(text)! })),
    arrange,
  )
}
