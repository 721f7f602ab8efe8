/**
 * Splits the bundled texts by topic, seeded: evaluation topics, and their near-duplicates, are excluded from the training of classifier and
 * index.
 */

import { type Random, seededRandom } from '@hadal/batching'
import type { LabelledText } from '@hadal/guard'
import { type Fold, nearDuplicates } from '@hadal/guard-training'

export interface DivideOptions {
  readonly seed: number
  readonly folds: number
  /** Share of all texts, evenly sampled; fewer are faster. */
  readonly share: number
}

/** Texts put together from parts share those with texts of other topics: they are only trained on. */
const isComposed = ({ source }: LabelledText): boolean => source.startsWith('hadal:composed-')

export function heldOutTopics(texts: readonly LabelledText[], options: DivideOptions): readonly Fold[] {
  const random = seededRandom(options.seed)
  const rows = texts.filter(({ language }) => language !== 'other' && random() < options.share)
  const measured = rows.filter((row) => !isComposed(row))
  const foldOf = dealt([...new Set(measured.map(({ source }) => source))], measured, options.folds, random)
  return Array.from({ length: options.folds }, (_, fold) => {
    const isHeld = (row: LabelledText): boolean => foldOf.get(row.source) === fold
    const held = measured.filter(isHeld)
    const others = rows.filter((row) => !isHeld(row))
    const isNear = nearDuplicates(
      others.map(({ text }) => text),
      held.map(({ text }) => text),
    )
    const training = others.filter((_row, at) => !isNear[at])
    const sources = [...foldOf].flatMap(([source, own]) => (own === fold ? [source] : []))
    return { sources, held, training, dropped: others.length - training.length }
  })
}

/** In drawn order, each topic to the fold that has least of its kind and language so far. */
function dealt(
  sources: readonly string[],
  rows: readonly LabelledText[],
  folds: number,
  random: Random,
): ReadonlyMap<string, number> {
  const order = sources.map((source) => ({ source, at: random() })).toSorted((a, b) => a.at - b.at)
  const sizes = new Map<string, number[]>()
  return new Map(
    order.map(({ source }) => {
      const own = rows.filter((row) => row.source === source)
      const kind = `${own[0]!.language} ${own[0]!.isAttack}`
      const counts = sizes.get(kind) ?? new Array<number>(folds).fill(0)
      sizes.set(kind, counts)
      const fold = counts.indexOf(Math.min(...counts))
      counts[fold]! += own.length
      return [source, fold] as const
    }),
  )
}
