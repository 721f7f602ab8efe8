/** `hadal classify model.onnx`: classifies images with a model trained for its classes whose metadata defines its input. */

import { resolve } from 'node:path'
import { type OpenedOnnx, openOnnx } from '@hadal/engine/onnx'
import { decodeImage } from '@hadal/images'
import type { Terminal } from '@hadal/output'
import { usage, wholeNumberFlag } from '@hadal/output'
import {
  type CaptionedImage,
  decodeRows,
  noUsableImages,
  type SkippedRow,
  skippedSummary,
} from '@hadal/train'
import type { ClassifyFlags } from '../classification/classify-flags.ts'
import { classesOf, imagesAt } from '../classification/images-of-classes.ts'
import { reportClassified } from '../classification/report-classified.ts'
import { onnxNotForImages } from './errors.ts'
import { findOnnx } from './find-onnx.ts'
import { type ImageInput, readImageInput, toInput } from './image-input.ts'

const command = 'hadal classify'
/** Looked at together. */
const batch = 32

export async function classifyOnnx(
  given: string,
  paths: readonly string[],
  flags: ClassifyFlags,
  terminal: Terminal,
): Promise<number> {
  const top = wholeNumberFlag(flags.top, '--top', command)
  const threads =
    flags.threads === undefined ? undefined : wholeNumberFlag(flags.threads, '--threads', command)
  if (flags.template !== undefined)
    throw usage('--template means nothing to an ONNX model: it reads no names', command)
  const wanted = paths.flatMap((path) => imagesAt(path, terminal.folder))
  if (wanted.length === 0) throw noUsableImages(paths.join(', '), [])
  const path = findOnnx(resolve(terminal.folder, given))!
  terminal.status(`loading ${given}`)
  await using model = await openOnnx(path, threads === undefined ? {} : { threads })
  const input = readImageInput(model.metadata)
  if (typeof input === 'string') throw onnxNotForImages(path, input)
  const { rows, scores, skipped } = await look(model, input, wanted, path, (done) =>
    terminal.status(`images ${done} of ${wanted.length}`),
  )
  terminal.status('')
  if (rows.length === 0) throw noUsableImages(paths.join(', '), skipped)
  const warning = skippedSummary({ rows, skipped })
  if (warning !== undefined) terminal.note(terminal.noteStyle.yellow(`warning: ${warning}`))
  const classes = namesOf(model, scores[0]!.length, flags, terminal)
  const found = { scores, order: scores.map(byScore) }
  return reportClassified({ rows, classes, found, skipped }, top, flags.json, terminal)
}

interface Looked {
  /** Those that decode, in their order. */
  readonly rows: readonly CaptionedImage[]
  /** For each image, the probabilities of all classes. */
  readonly scores: readonly Float32Array[]
  readonly skipped: readonly SkippedRow[]
}

async function look(
  model: OpenedOnnx,
  input: ImageInput,
  wanted: readonly CaptionedImage[],
  path: string,
  onProgress: (done: number) => void,
): Promise<Looked> {
  const [taken, given] = [model.inputs[0], model.outputs[0]]
  if (taken === undefined || model.inputs.length > 1 || taken.dtype !== 'float32')
    throw onnxNotForImages(path, 'it has not one input of float32')
  if (given?.dtype !== 'float32' || given.dims.length !== 2)
    throw onnxNotForImages(
      path,
      `its first output is no list of classes: ${given?.dtype} [${given?.dims.join(', ')}]`,
    )
  // A model that was exported for one picture takes one.
  const atOnce = typeof taken.dims[0] === 'number' ? 1 : batch
  const rows: CaptionedImage[] = []
  const skipped: SkippedRow[] = []
  const scores: Float32Array[] = []
  for (let start = 0; start < wanted.length; start += atOnce) {
    const decoded = await decodeRows(
      { rows: wanted.slice(start, start + atOnce), skipped: [] },
      ({ image }) => decodeImage(image, { width: input.width, height: input.height }),
    )
    rows.push(...decoded.rows)
    skipped.push(...decoded.skipped)
    if (decoded.images.length > 0) {
      const dims = [decoded.images.length, input.channels, input.height, input.width]
      const feeds = {
        [taken.name]: { dtype: 'float32', dims, data: toInput(decoded.images, input) } as const,
      }
      const found = (await model.run(feeds, [given.name]))[given.name]!
      const width = found.dims[1]!
      const all = found.data as Float32Array
      for (let row = 0; row < decoded.images.length; row += 1) {
        const values = all.slice(row * width, (row + 1) * width)
        scores.push(given.name === 'probabilities' ? values : softmax(values))
      }
    }
    onProgress(Math.min(wanted.length, start + atOnce))
  }
  return { rows, scores, skipped }
}

/** As they were said, or as the file has them, or by number. */
function namesOf(
  { metadata }: OpenedOnnx,
  count: number,
  { classes: said }: ClassifyFlags,
  { folder }: Terminal,
): readonly string[] {
  if (said !== undefined) {
    const names = classesOf(said, folder)
    if (names.length === count) return names
    throw usage(`--classes names ${names.length} classes, and the model has ${count}`, command)
  }
  const written = writtenNames(metadata['hadal.classes'])
  return written?.length === count ? written : Array.from({ length: count }, (_, index) => String(index))
}

/** Undefined if it is not a list of strings. */
export function writtenNames(text = ''): readonly string[] | undefined {
  try {
    const written: unknown = JSON.parse(text)
    return Array.isArray(written) && written.every((name) => typeof name === 'string') ? written : undefined
  } catch {
    return undefined
  }
}

function softmax(logits: Float32Array): Float32Array {
  const most = logits.reduce((one, other) => Math.max(one, other), Number.NEGATIVE_INFINITY)
  const powers = logits.map((logit) => Math.exp(logit - most))
  const sum = powers.reduce((all, power) => all + power, 0)
  return powers.map((power) => power / sum)
}

const byScore = (scores: Float32Array): number[] =>
  [...scores.keys()].sort((one, other) => scores[other]! - scores[one]! || one - other)
