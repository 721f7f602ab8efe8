/** The forms that a run's data has, ready to train on. Knows nothing about files or text. */

import type { Windows } from '@hadal/nn'

/** Windows that are read while training goes on, endlessly. */
export interface StreamedWindows {
  /** Tokens a window. */
  readonly length: number
  /** Equal for streams that give the same windows: files, tokenizer, template, order. */
  readonly fingerprint: string
  /** A reader at the beginning. */
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

/** Row i of both is one pair: the same prompt, without targets, and an answer, each padded to the window. */
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

export type TrainingData = Windows | StreamedWindows | PairWindows | LabelledTexts

export const isStreamed = (data: TrainingData): data is StreamedWindows => 'open' in data
export const isPairs = (data: TrainingData): data is PairWindows => 'chosen' in data
export const isLabelled = (data: TrainingData): data is LabelledTexts => 'labels' in data
export const isWindows = (data: TrainingData): data is Windows => 'targets' in data

/** Tokens of one row. */
export const windowLength = (data: TrainingData): number => (isPairs(data) ? data.chosen.length : data.length)

/** Names and arrays of everything in memory, for a digest; a stream has its own. A name says how many rows there are of what length. */
export function* dataArrays(data: TrainingData): Generator<readonly [string, Int32Array]> {
  if (isPairs(data)) {
    for (const [name, array] of dataArrays(data.chosen)) yield [`chosen ${name}`, array]
    for (const [name, array] of dataArrays(data.rejected)) yield [`rejected ${name}`, array]
  } else if (isLabelled(data)) {
    const { length, inputs, sizes, labels } = data
    yield [`inputs, ${labels.length} of ${length}`, inputs]
    yield ['sizes', sizes]
    yield ['labels', labels]
  } else if (isWindows(data)) {
    const { length, count, inputs, targets, segments } = data
    yield [`inputs, ${count} of ${length}`, inputs]
    yield ['targets', targets]
    if (segments) yield ['segments', segments]
  }
}
