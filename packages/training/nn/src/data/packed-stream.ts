/**
 * Packs a stream of documents into windows: each holds as many documents as fit, separated (`Windows.segments`), and the rest of
 * one that does not fit continues in the next. Its state is the stream's before the current document and the tokens used of that,
 * so a resumed stream gives the same windows.
 */

import { nothingToPack } from '../errors.ts'
import { ignoreIndex } from '../loss.ts'
import type { BadRow, LocatedDocument } from './document-reader.ts'
import type { DocumentStreamState } from './document-stream.ts'
import { type DocumentEncoder, encodeRow } from './encode-document.ts'
import { dataOptionsInvalid } from './errors.ts'
import type { MaskedTokens, Windows } from './windows.ts'

/** The subset of a `DocumentStream` used here. */
export interface DocumentSource {
  next(): LocatedDocument | undefined
  readonly epoch: number
  readonly state: DocumentStreamState
  restore(state: DocumentStreamState): void
}

export interface PackingOptions {
  /** Tokens in a window. */
  readonly length: number
  /** Padding; carries no loss. */
  readonly endOfText: number
  /** Handling of documents longer than a window: truncated, dropped, or continued in the next. Default `truncate`. */
  readonly overlong?: 'truncate' | 'drop' | 'split'
  /** Handling of documents that cannot be encoded. Default `fail`. */
  readonly onBadRow?: 'fail' | 'skip'
  readonly onSkipped?: (row: BadRow) => void
}

export interface PackingCounts {
  /** Documents used, whole or in part. */
  readonly documents: number
  /** Truncated documents. */
  readonly truncated: number
  /** Documents dropped because they are too long, or because their remaining part carries no loss. */
  readonly dropped: number
  /** Documents left out because they cannot be encoded. */
  readonly skipped: number
}

export interface PackedStreamState {
  readonly stream: DocumentStreamState
  readonly counts: PackingCounts
  /** Places that the document drawn next has filled already. */
  readonly used: number
}

type Skipping = 'dropped' | 'skipped'

/**
 * Documents in windows of one length, one after another, with the tokens that are learnt from.
 *
 * @example
 * ```ts
 * import { documentEncoder, DocumentStream, PackedStream, trainBpe } from '@hadal/nn'
 *
 * const tokenizer = trainBpe(['some text to learn pairs from'], { vocabSize: 260, specialTokens: ['<|endoftext|>'] })
 * const endOfText = tokenizer.specialTokens.get('<|endoftext|>') ?? 0
 * const stream = new DocumentStream({ files: ['data.jsonl'] })
 * const packed = new PackedStream(stream, documentEncoder({ tokenizer, endOfText }), { length: 512, endOfText })
 * const windows = packed.next(8) // 8 windows of 512 tokens
 * ```
 */
export class PackedStream {
  readonly #source: DocumentSource
  readonly #encode: DocumentEncoder
  readonly #options: PackingOptions
  #counts: PackingCounts = { documents: 0, truncated: 0, dropped: 0, skipped: 0 }
  #document: MaskedTokens | undefined
  #used = 0
  /** Before `#document` was drawn. */
  #before: PackedStreamState | undefined
  #epochOfUse = 0

  /** Throws `nn_data_options_invalid`. */
  constructor(source: DocumentSource, encode: DocumentEncoder, options: PackingOptions) {
    const { length } = options
    if (!(Number.isSafeInteger(length) && length >= 1))
      throw dataOptionsInvalid([`length is ${length}, not a whole number of tokens`])
    this.#source = source
    this.#encode = encode
    this.#options = options
  }

  /**
   * The next `count` windows; fewer at the end of the stream, and undefined after it. Throws what the stream does,
   * `nn_data_row_invalid` if a document cannot be encoded and that is fatal, `nn_nothing_to_pack` if no document of a whole epoch
   * is usable.
   */
  next(count: number): Windows | undefined {
    const { length, endOfText } = this.#options
    const windows = {
      length,
      inputs: new Int32Array(count * length).fill(endOfText),
      targets: new Int32Array(count * length).fill(ignoreIndex),
      segments: new Int32Array(count * length),
    }
    let filled = 0
    while (filled < count && this.#fillWindow(windows, filled * length)) filled += 1
    if (filled === 0) return undefined
    const cut = (all: Int32Array): Int32Array => all.subarray(0, filled * length)
    const { inputs, targets, segments } = windows
    return { length, count: filled, inputs: cut(inputs), targets: cut(targets), segments: cut(segments) }
  }

  get counts(): PackingCounts {
    return this.#counts
  }

  get state(): PackedStreamState {
    return this.#document === undefined ? this.#now() : { ...this.#before!, used: this.#used }
  }

  /** Throws `nn_data_state_mismatch`. */
  restore({ stream, counts, used }: PackedStreamState): void {
    this.#source.restore(stream)
    this.#counts = counts
    this.#document = undefined
    this.#epochOfUse = this.#source.epoch
    if (used > 0) this.#open()
    this.#used = used
  }

  #now(): PackedStreamState {
    return { stream: this.#source.state, counts: this.#counts, used: 0 }
  }

  /** False if the stream has ended and the window would be empty. */
  #fillWindow(to: { inputs: Int32Array; targets: Int32Array; segments: Int32Array }, begin: number): boolean {
    const { length, overlong } = this.#options
    let at = begin
    for (let segment = 1; at < begin + length && this.#open(); segment += 1) {
      const { tokens, learn } = this.#document!
      // The last token is only ever a target, so n tokens take n - 1 places.
      const places = tokens.length - 1 - this.#used
      const free = begin + length - at
      if (places > free && overlong !== 'split') break
      for (const end = at + Math.min(places, free); at < end; at += 1, this.#used += 1) {
        to.inputs[at] = tokens[this.#used]!
        if (learn[this.#used + 1]) to.targets[at] = tokens[this.#used + 1]!
        to.segments[at] = segment
      }
      if (this.#used === tokens.length - 1) this.#document = undefined
    }
    return at > begin
  }

  /** Makes sure that there is a document at hand, no longer than it may be; false at the end of the stream. */
  #open(): boolean {
    while (this.#document === undefined) {
      const before = this.#now()
      const located = this.#source.next()
      if (located === undefined) return false
      const usable = this.#usable(located)
      if (typeof usable === 'string') this.#leaveOut(usable)
      else {
        this.#before = before
        this.#document = usable
        this.#used = 0
        this.#epochOfUse = this.#source.epoch
      }
    }
    return true
  }

  #usable(located: LocatedDocument): MaskedTokens | Skipping {
    const { length, overlong = 'truncate' } = this.#options
    const encoded = encodeRow(located, this.#encode, this.#options)
    if (encoded === undefined) return 'skipped'
    const isLong = encoded.tokens.length > length + 1
    if (isLong && overlong === 'drop') return 'dropped'
    const isCut = isLong && overlong === 'truncate'
    const { tokens, learn } = isCut ? truncated(encoded, length + 1) : encoded
    if (!learn.includes(true, 1)) return 'dropped'
    const { documents, truncated: cut } = this.#counts
    this.#counts = { ...this.#counts, documents: documents + 1, truncated: cut + (isCut ? 1 : 0) }
    return { tokens, learn }
  }

  #leaveOut(why: Skipping): void {
    this.#counts = { ...this.#counts, [why]: this.#counts[why] + 1 }
    if (this.#source.epoch > this.#epochOfUse + 1)
      throw nothingToPack(this.#options.length, 'no document of a whole epoch can be used')
  }
}

const truncated = ({ tokens, learn }: MaskedTokens, length: number): MaskedTokens => ({
  tokens: tokens.slice(0, length),
  learn: learn.slice(0, length),
})

/**
 * Positions that restart at 0 in every document of every window, for models with absolute positions; rotary ones depend only on
 * distances, which packing preserves.
 */
export function positionsInDocument({ length, inputs, segments }: Windows): Int32Array {
  const positions = new Int32Array(inputs.length)
  for (let i = 0; i < positions.length; i += 1) {
    const continues = i % length > 0 && (segments === undefined || segments[i] === segments[i - 1])
    positions[i] = continues ? positions[i - 1]! + 1 : 0
  }
  return positions
}
