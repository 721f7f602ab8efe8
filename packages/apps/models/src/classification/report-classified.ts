/** The last step of `hadal classify`, whatever looked at the images: how often it is right where that is known, and the answer. */

import type { Terminal } from '@hadal/output'
import { exitCodes } from '@hadal/output'
import type { CaptionedImage, Classification, SkippedRow } from '@hadal/train'
import { folderOf } from './images-of-classes.ts'
import { type ClassifiedImages, classesInJson, classesInLines, judged } from './print-classes.ts'

export interface LookedAt {
  readonly rows: readonly CaptionedImage[]
  readonly classes: readonly string[]
  readonly found: Classification
  readonly skipped: readonly SkippedRow[]
}

/** Images in folders named after classes are of those. Returns the exit code. */
export function reportClassified(
  looked: LookedAt,
  top: number,
  isJson: boolean | undefined,
  terminal: Terminal,
): number {
  const { rows, classes, found } = looked
  const labels = rows.map((row) => classes.indexOf(folderOf(row)))
  const reported: ClassifiedImages = { ...looked, labels, top, ...judged(found, labels, classes.length) }
  terminal.print(isJson ? classesInJson(reported) : classesInLines(reported, terminal))
  return exitCodes.success
}
