/** The forms of a run's data, ready for training. */

import type { Windows } from '@hadal/nn'
import { augmentationDefaults, type LabelledImages } from './image-data/labelled-images.ts'
import type { ImageTextPairs } from './image-text-data/image-text-pairs.ts'

/** Windows streamed during training, endlessly. */
export interface StreamedWindows {
  /** Tokens a window. */
  readonly length: number
  /** Equal for streams that give the same windows: files, tokenizer, template, order. */
  readonly fingerprint: string
  /** Returns a reader at the start. */
  open(): WindowStream
}

export interface WindowStream {
  next(count: number): Windows | Promise<Windows>
  /** Survives JSON; `restore` gives the same windows again. */
  readonly state: unknown
  restore(state: unknown): void
  /** Epochs drawn so far. */
  readonly epoch: number
}

/** Row i of both is one pair: the same prompt, without targets, and a response, each padded to the window. */
export interface PairWindows {
  readonly chosen: Windows
  readonly rejected: Windows
}

/** Text i is at [i · length, i · length + sizes[i]) of `inputs`, padded behind, and of class labels[i]. */
export interface LabelledTexts {
  readonly length: number
  readonly inputs: Int32Array
  readonly sizes: Int32Array
  readonly labels: Int32Array
}

export type TrainingData =
  | Windows
  | StreamedWindows
  | PairWindows
  | LabelledTexts
  | LabelledImages
  | ImageTextPairs

export const isStreamed = (data: TrainingData): data is StreamedWindows => 'open' in data
export const isPairs = (data: TrainingData): data is PairWindows => 'chosen' in data
export const isLabelled = (data: TrainingData): data is LabelledTexts => 'labels' in data && 'sizes' in data
export const isLabelledImages = (data: TrainingData): data is LabelledImages => 'pixels' in data
export const isImageText = (data: TrainingData): data is ImageTextPairs => 'captions' in data
export const isWindows = (data: TrainingData): data is Windows => 'targets' in data

/** Undefined for streamed data, whose length is unknown. */
export function rowCount(data: TrainingData): number | undefined {
  if (isStreamed(data)) return undefined
  if (isPairs(data)) return data.chosen.count
  if (isImageText(data)) return data.captions.length
  return isWindows(data) ? data.count : data.labels.length
}

/** Tokens of one row, where rows are of tokens. */
export function windowLength(data: TrainingData): number {
  if (isPairs(data)) return data.chosen.length
  return 'length' in data ? data.length : 0
}

export type DataArray = Int32Array | Uint8Array | Float32Array

/** Names and arrays of all in-memory data, for a digest; a stream has its own. A name includes the number and length of rows. */
export function* dataArrays(data: TrainingData): Generator<readonly [string, DataArray]> {
  if (isPairs(data)) {
    for (const [name, array] of dataArrays(data.chosen)) yield [`chosen ${name}`, array]
    for (const [name, array] of dataArrays(data.rejected)) yield [`rejected ${name}`, array]
  } else if (isLabelled(data)) {
    const { length, inputs, sizes, labels } = data
    yield [`inputs, ${labels.length} of ${length}`, inputs]
    yield ['sizes', sizes]
    yield ['labels', labels]
  } else if (isLabelledImages(data)) {
    const { shape, pixels, labels, normalization = null, augmentation } = data
    const read = { normalization, augmentation: { ...augmentationDefaults, ...augmentation } }
    yield [`pixels, ${labels.length} of ${shape}, ${JSON.stringify(read)}`, pixels]
    yield ['labels', labels]
  } else if (isImageText(data)) {
    const { imageSize, captions, padding, fingerprint } = data
    const ids = captions.flat()
    const counts = JSON.stringify(captions.map((own) => own.length))
    yield [`captions, ${imageSize}, ${padding}, ${fingerprint}, ${counts}`, Int32Array.from(ids.flat())]
    yield ['caption sizes', Int32Array.from(ids, ({ length }) => length)]
  } else if (isWindows(data)) {
    const { length, count, inputs, targets, segments } = data
    yield [`inputs, ${count} of ${length}`, inputs]
    yield ['targets', targets]
    if (segments) yield ['segments', segments]
  }
}
