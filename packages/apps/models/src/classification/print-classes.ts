/** What `hadal classify` found, for a terminal or as JSON. Knows nothing of models. */

import { relative } from 'node:path'
import { formatCount } from '@hadal/base'
import type { Terminal } from '@hadal/output'
import { formatTable } from '@hadal/output'
import {
  type Accuracy,
  accuracyOf,
  type CaptionedImage,
  type Classification,
  type SkippedRow,
} from '@hadal/train'

export interface ClassifiedImages {
  readonly rows: readonly CaptionedImage[]
  readonly classes: readonly string[]
  readonly found: Classification
  /** The class of each image; -1 if unknown. */
  readonly labels: readonly number[]
  /** Classes shown of each image. */
  readonly top: number
  readonly accuracy: Accuracy | undefined
  /** Images of known classes. */
  readonly judged: number
  readonly skipped: readonly SkippedRow[]
}

/** Accuracy over the images whose class is known. Undefined if there are none. */
export function judged(
  { order }: Classification,
  labels: readonly number[],
  classes: number,
): { readonly accuracy: Accuracy | undefined; readonly judged: number } {
  const known = labels.flatMap((label, image) => (label < 0 ? [] : [image]))
  if (known.length === 0) return { accuracy: undefined, judged: 0 }
  const accuracy = accuracyOf(
    known.map((image) => order[image]!),
    known.map((image) => labels[image]!),
    classes,
  )
  return { accuracy, judged: known.length }
}

/** Maximum images listed; metrics and --json include all. */
const maxListed = 40

export function classesInLines(
  { rows, classes, found, labels, top, accuracy, judged }: ClassifiedImages,
  { style, folder }: Terminal,
): string {
  const listed = rows
    .slice(0, maxListed)
    .map(({ image }, index) => [
      relative(folder, image as string),
      mark(labels[index]!, found.order[index]![0]!),
      ...found.order[index]!.slice(0, top).map(
        (label) => `${classes[label]} ${style.dim(found.scores[index]![label]!.toFixed(3))}`,
      ),
    ])
  const columns = 2 + Math.min(top, classes.length)
  const parts = [formatTable(listed, Array<'left'>(columns).fill('left'))]
  if (rows.length > maxListed) parts.push(style.dim(`and ${formatCount(rows.length - maxListed)} more`))
  if (accuracy !== undefined) parts.push('', ...figures(accuracy, classes, judged, style))
  return parts.join('\n')
}

const mark = (label: number, first: number): string => (label < 0 ? '' : label === first ? '✓' : '✗')
const percent = (share: number): string => `${(100 * share).toFixed(1)} %`

/** Overall accuracy, then the worst classes with what they are most often confused with. */
function figures(
  { top1, top5, confusion, byClass }: Accuracy,
  classes: readonly string[],
  judged: number,
  { dim }: Terminal['style'],
): string[] {
  const worst = [...classes.keys()]
    .filter((label) => byClass[label]! < 1)
    .sort((one, other) => byClass[one]! - byClass[other]!)
    .slice(0, 10)
  const rows = worst.map((label) => {
    const taken = confusion[label]!.map((count, other) => ({ count, other }))
      .filter(({ count, other }) => count > 0 && other !== label)
      .sort((one, other) => other.count - one.count)
      .slice(0, 3)
      .map(({ count, other }) => `${classes[other]} ${count}`)
    return [classes[label]!, percent(byClass[label]!), taken.join(', ')]
  })
  return [
    `top-1 ${percent(top1)}, top-5 ${percent(top5)} of ${formatCount(judged)} images in ${classes.length} classes`,
    ...(rows.length === 0
      ? []
      : ['', formatTable([['class', 'right', 'taken for'].map(dim), ...rows], ['left', 'right', 'left'])]),
  ]
}

export function classesInJson({
  rows,
  classes,
  found,
  labels,
  top,
  accuracy,
  skipped,
}: ClassifiedImages): string {
  const images = rows.map(({ name }, image) => ({
    image: name,
    ...(labels[image]! >= 0 && { label: classes[labels[image]!] }),
    classes: found.order[image]!.slice(0, top).map((label) => ({
      class: classes[label],
      score: found.scores[image]![label],
    })),
  }))
  return JSON.stringify({ classes, images, ...(accuracy && { accuracy }), skipped }, null, 2)
}
