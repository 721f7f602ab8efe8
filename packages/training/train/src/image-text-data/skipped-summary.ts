/** Summarises the rows that a run leaves out: how many, why, and which. */

import type { ImageTextData, SkippedRow } from './image-text.ts'

/** At most N are named, to keep the log short. */
const named = 5

const words: Readonly<Record<SkippedRow['kind'], readonly [one: string, many: string]>> = {
  'no image': ['has no image', 'have no image'],
  'not decoded': ['does not decode', 'do not decode'],
  'no caption': ['has no caption', 'have no caption'],
  'bad row': ['is not a usable row', 'are not usable rows'],
}

/**
 * Text of a warning; undefined if nothing was left out.
 *
 * @example
 * ```ts
 * import { readImageText, skippedSummary } from '@hadal/train'
 *
 * const data = readImageText('pairs.jsonl')
 * console.log(skippedSummary(data) ?? 'every row can be used')
 * ```
 */
export function skippedSummary({ rows, skipped }: ImageTextData): string | undefined {
  if (skipped.length === 0) return undefined
  const counts = (Object.keys(words) as SkippedRow['kind'][]).flatMap((kind) => {
    const count = skipped.filter((row) => row.kind === kind).length
    return count === 0 ? [] : [`${count} ${words[kind][count === 1 ? 0 : 1]}`]
  })
  const lines = skipped.slice(0, named).map(({ place, reason }) => `\n  - ${place}: ${reason}`)
  const more = skipped.length - lines.length
  return `${skipped.length} skipped, ${rows.length} images kept: ${counts.join(', ')}${lines.join('')}${more > 0 ? `\n  - and ${more} more` : ''}`
}
