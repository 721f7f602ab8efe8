/**
 * Turns files of texts or conversations into a run's data: training windows streamed during training, and held-out windows in
 * memory. Every detectable error of files, template and tokenizer is found before the first step.
 */

import { createHash } from 'node:crypto'
import {
  type BadRow,
  type ChatTemplate,
  checkVocabulary,
  type DocumentEncoder,
  DocumentStream,
  type DocumentStreamOptions,
  dataEmpty,
  dataOptionsInvalid,
  documentEncoder,
  encodeRow,
  type LearntTurns,
  PackedStream,
  type PackedStreamState,
  type PackingOptions,
  type ReadOptions,
  type Windows,
} from '@hadal/nn'
import type { StreamedWindows, WindowStream } from './training-data.ts'
import { templateOf, type Vocabulary, vocabularyDigest } from './vocabulary.ts'

export interface StreamWindowsOptions extends ReadOptions {
  /** JSONL, Parquet, or text, by file extension. */
  readonly files: readonly string[]
  /** Separate files for held-out windows; then none of `files` is held out. */
  readonly validFiles?: readonly string[]
  /** Share of held-out documents in `files`, chosen by content. Default 0.01; 0 with `validFiles`. */
  readonly validShare?: number
  /** Maximum number of held-out windows. Default 512. */
  readonly validWindows?: number
  readonly vocabulary: Vocabulary
  /** The model's `vocab_size`. */
  readonly modelVocabSize: number
  /** Instead of the vocabulary's own: Jinja, or one made with options. Needed for conversations. */
  readonly template?: string | ChatTemplate
  /** Which responses of a conversation are trained on. Default `all`. */
  readonly turns?: LearntTurns
  /** Tokens of a window. */
  readonly length: number
  /** Handling of documents longer than a window. Default `truncate`. */
  readonly overlong?: PackingOptions['overlong']
  /** Size of the in-memory shuffle buffer in rows. Default 4096. */
  readonly shuffleBuffer?: number
  /** Seed of the shuffle. Default 1. */
  readonly seed?: number
  /** Documents encoded before training begins, to detect errors early. Default 1000. */
  readonly checkedRows?: number
}

export interface StreamedData {
  readonly train: StreamedWindows
  readonly valid: Windows
}

/**
 * Reads the whole held-out part, and checks the first rows of the rest. Throws `nn_tokenizer_model_mismatch`,
 * `nn_chat_template_failed`, `nn_data_options_invalid`, `nn_data_file_unreadable`, `nn_data_empty`, `nn_data_row_invalid` if bad
 * rows are fatal, and `nn_nothing_to_pack`. Each skipped bad row is reported once.
 *
 * @example
 * ```ts
 * import { readModel, streamWindows } from '@hadal/train'
 * import { loadTokenizer } from '@hadal/nn'
 *
 * const data = streamWindows({
 *   files: ['chats.jsonl', 'texts.parquet'],
 *   vocabulary: loadTokenizer('models/base'),
 *   modelVocabSize: readModel('models/base').model.vocab_size,
 *   length: 1024,
 *   validShare: 0.02,
 * })
 * ```
 */
export function streamWindows(options: StreamWindowsOptions): StreamedData {
  const { files, validFiles, vocabulary, length, validWindows = 512 } = options
  checkVocabulary(vocabulary.tokenizer, options.modelVocabSize)
  if (options.validShare === 0 && !validFiles)
    throw dataOptionsInvalid(['validShare is 0 and validFiles is empty, so no data is held out'])
  const template = templateOf(vocabulary, options.template)
  const { tokenizer, endOfText } = vocabulary
  const { turns = 'all', overlong = 'truncate' } = options
  const encode = documentEncoder({ tokenizer, endOfText, turns, ...(template && { template }) })
  const reading = readingOptions(options)
  const packing: PackingOptions = { length, endOfText, overlong, ...badRows(reading) }

  const training: DocumentStreamOptions = { ...reading, files, part: 'train' }
  const heldOut: DocumentStreamOptions = validFiles
    ? { ...reading, files: validFiles, part: 'train', validShare: 0 }
    : { ...reading, files, part: 'valid' }
  const valid = packAll(heldOut, encode, packing, validWindows)
  const tried = tryRows(training, encode, options.checkedRows ?? 1000)
  const open = (): WindowStream => openStream(training, encode, packing)
  open().next(1)

  const { fingerprint } = new DocumentStream(training).state
  const { onBadRow = 'fail' } = options
  const decisive = [
    fingerprint,
    vocabularyDigest(vocabulary),
    template?.fingerprint,
    tried,
    length,
    overlong,
    turns,
    onBadRow,
  ]
  return {
    train: { length, fingerprint: createHash('sha256').update(JSON.stringify(decisive)).digest('hex'), open },
    valid,
  }
}

function readingOptions(options: StreamWindowsOptions): Omit<DocumentStreamOptions, 'files'> {
  const { textField, messagesField, textUnit, seed, shuffleBuffer, validFiles, onBadRow, onSkipped } = options
  const { validShare = validFiles ? 0 : 0.01 } = options
  return {
    validShare,
    ...(textField !== undefined && { textField }),
    ...(messagesField !== undefined && { messagesField }),
    ...(textUnit !== undefined && { textUnit }),
    ...(seed !== undefined && { seed }),
    ...(shuffleBuffer !== undefined && { shuffleBuffer }),
    ...(onBadRow !== undefined && { onBadRow }),
    ...(onSkipped && { onSkipped: reportedOnce(onSkipped) }),
  }
}

type BadRows = Pick<ReadOptions, 'onBadRow' | 'onSkipped'>

const badRows = ({ onBadRow, onSkipped }: BadRows): BadRows => ({
  ...(onBadRow && { onBadRow }),
  ...(onSkipped && { onSkipped }),
})

/** Rows are read again in each epoch, and by each part. */
function reportedOnce(notify: (row: BadRow) => void): (row: BadRow) => void {
  const reported = new Set<string>()
  return (row) => {
    const place = `${row.path}:${row.line}`
    if (!reported.has(place)) notify(row)
    reported.add(place)
  }
}

/** One epoch in order, up to `most` windows. */
function packAll(
  options: DocumentStreamOptions,
  encode: DocumentEncoder,
  packing: PackingOptions,
  most: number,
): Windows {
  const stream = new PackedStream(
    new DocumentStream({ ...options, shuffleBuffer: 0, epochs: 1 }),
    encode,
    packing,
  )
  const windows = stream.next(most)
  if (windows) return windows
  const { dropped, skipped } = stream.counts
  throw dataEmpty(
    options.files.length,
    `${skipped} held-out documents cannot be encoded, and ${dropped} are too long or have no trained tokens`,
  )
}

/** A digest of the tokens of the first documents, so that whatever changes them makes another run. */
function tryRows(options: DocumentStreamOptions, encode: DocumentEncoder, count: number): string {
  const stream = new DocumentStream({ ...options, shuffleBuffer: 0, epochs: 1 })
  const hash = createHash('sha256')
  for (let row = 0; row < count; row += 1) {
    const located = stream.next()
    if (located === undefined) break
    const encoded = encodeRow(located, encode, options)
    if (encoded) hash.update(JSON.stringify([encoded.tokens, encoded.learn.map(Number)]))
  }
  return hash.digest('hex')
}

function openStream(
  options: DocumentStreamOptions,
  encode: DocumentEncoder,
  packing: PackingOptions,
): WindowStream {
  const documents = new DocumentStream(options)
  const packed = new PackedStream(documents, encode, packing)
  return {
    next: (count) => packed.next(count)!,
    get state() {
      return packed.state
    },
    restore: (state) => packed.restore(state as PackedStreamState),
    get epoch() {
      return documents.epoch
    },
  }
}
