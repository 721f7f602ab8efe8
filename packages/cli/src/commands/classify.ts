/** `hadal classify`: images by the names of classes alone, and how often that is right where it is known. Loads libtorch. */

import { readdirSync, readFileSync, statSync } from 'node:fs'
import { basename, dirname, join, relative, resolve } from 'node:path'
import { formatCount } from '@hadal/base'
import {
  type Accuracy,
  accuracyOf,
  type CaptionedImage,
  type Classification,
  classify as classifyEmbeddings,
  defaultTemplates,
  ensembleClasses,
  isImageFile,
  noUsableImages,
  promptsOf,
  type SkippedRow,
  skippedSummary,
} from '@hadal/train'
import { usage } from '../errors.ts'
import { wholeNumberFlag } from '../number-flags.ts'
import { exitCodes } from '../report-error.ts'
import { embedImages, embedTexts, openTowers } from '../retrieval/embed.ts'
import { formatTable } from '../table.ts'
import type { Terminal } from '../terminal.ts'

export interface ClassifyFlags {
  readonly classes?: string
  readonly template?: readonly string[]
  readonly top: string
  readonly threads?: string
  readonly json?: boolean
}

const command = 'hadal classify'

export async function classify(
  given: string,
  paths: readonly string[],
  flags: ClassifyFlags,
  terminal: Terminal,
): Promise<number> {
  const top = wholeNumberFlag(flags.top, '--top', command)
  const threads =
    flags.threads === undefined ? undefined : wholeNumberFlag(flags.threads, '--threads', command)
  const templates = flags.template ?? defaultTemplates
  const withoutPlace = templates.find((template) => !template.includes('{}'))
  if (withoutPlace !== undefined)
    throw usage(`--template ${JSON.stringify(withoutPlace)} has no {} for the class`, command)
  const wanted = paths.flatMap((path) => imagesAt(path, terminal.folder))
  if (wanted.length === 0) throw noUsableImages(paths.join(', '), [])
  const classes = flags.classes === undefined ? foldersOf(wanted) : classesOf(flags.classes, terminal.folder)

  terminal.status(`loading ${given}`)
  const opened = await openTowers(resolve(terminal.folder, given), threads)
  const { rows, embeddings, skipped } = await embedImages(opened, wanted, (done) =>
    terminal.status(`images ${done} of ${wanted.length}`),
  )
  terminal.status('')
  if (rows.length === 0) throw noUsableImages(paths.join(', '), skipped)
  const warning = skippedSummary({ rows, skipped })
  if (warning !== undefined) terminal.note(terminal.noteStyle.yellow(`warning: ${warning}`))
  const prompts = embedTexts(opened, promptsOf(classes, templates), () => {})
  const found = classifyEmbeddings(embeddings, ensembleClasses(prompts, templates.length))
  const labels = rows.map((row) => classes.indexOf(folderOf(row)))
  const known = labels.flatMap((label, image) => (label < 0 ? [] : [image]))
  const accuracy =
    known.length === 0
      ? undefined
      : accuracyOf(
          known.map((image) => found.order[image]!),
          known.map((image) => labels[image]!),
          classes.length,
        )
  const told: Told = { rows, classes, found, labels, top, accuracy, judged: known.length, skipped }
  terminal.print(flags.json ? json(told) : lines(told, terminal))
  return exitCodes.success
}

interface Told {
  readonly rows: readonly CaptionedImage[]
  readonly classes: readonly string[]
  readonly found: Classification
  /** The class of each image; -1 where it is not known. */
  readonly labels: readonly number[]
  /** Classes shown of each image. */
  readonly top: number
  readonly accuracy: Accuracy | undefined
  readonly judged: number
  readonly skipped: readonly SkippedRow[]
}

function imagesAt(given: string, folder: string): CaptionedImage[] {
  const path = resolve(folder, given)
  const one = (image: string, name: string): CaptionedImage => ({ image, name, place: image, captions: [] })
  // What is not there is told with the images that do not decode.
  if (!statSync(path, { throwIfNoEntry: false })?.isDirectory()) return [one(path, given)]
  const names = readdirSync(path, { recursive: true, encoding: 'utf8' }).filter(isImageFile).sort()
  return names.map((name) => one(join(path, name), join(given, name)))
}

const folderOf = ({ image }: CaptionedImage): string => basename(dirname(image as string))

function foldersOf(rows: readonly CaptionedImage[]): string[] {
  const names = [...new Set(rows.map(folderOf))].sort()
  if (names.length < 2)
    throw usage(
      '--classes is missing, and the images do not lie in folders named after their classes',
      command,
    )
  return names
}

/** Named one by one, or a file of them, one a line. */
function classesOf(given: string, folder: string): string[] {
  const path = resolve(folder, given)
  const text = statSync(path, { throwIfNoEntry: false })?.isFile() ? readFileSync(path, 'utf8') : given
  const split = text === given ? text.split(',') : text.split(/\r?\n/)
  const names = [...new Set(split.map((name) => name.trim()).filter((name) => name !== ''))]
  if (names.length < 2)
    throw usage(`--classes names ${names.length} classes; there must be two or more`, command)
  return names
}

/** Images listed; the rest is in the figures, and in --json. */
const mostListed = 40

function lines(
  { rows, classes, found, labels, top, accuracy, judged }: Told,
  { style, folder }: Terminal,
): string {
  const listed = rows
    .slice(0, mostListed)
    .map(({ image }, index) => [
      relative(folder, image as string),
      mark(labels[index]!, found.order[index]![0]!),
      ...found.order[index]!.slice(0, top).map(
        (label) => `${classes[label]} ${style.dim(found.scores[index]![label]!.toFixed(3))}`,
      ),
    ])
  const columns = 2 + Math.min(top, classes.length)
  const parts = [formatTable(listed, Array<'left'>(columns).fill('left'))]
  if (rows.length > mostListed) parts.push(style.dim(`and ${formatCount(rows.length - mostListed)} more`))
  if (accuracy !== undefined) parts.push('', ...figures(accuracy, classes, judged, style))
  return parts.join('\n')
}

const mark = (label: number, first: number): string => (label < 0 ? '' : label === first ? '✓' : '✗')
const percent = (share: number): string => `${(100 * share).toFixed(1)} %`

/** Overall, then the classes that go worst with what they are most often taken for. */
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

function json({ rows, classes, found, labels, top, accuracy, skipped }: Told): string {
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
