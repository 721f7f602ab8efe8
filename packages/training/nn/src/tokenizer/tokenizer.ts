/**
 * A byte-level BPE tokenizer: text -> pieces -> bytes -> merged tokens, and back. Every string has tokens, and decoding them gives
 * the string again.
 */

import type { GgufMetadata } from '@hadal/formats'
import { spellBytes } from './byte-alphabet.ts'
import { invalidSpecialToken, invalidTokenId } from './errors.ts'
import { ggufMetadata, type TokenRoles } from './gguf-metadata.ts'
import { fromHuggingFace, toHuggingFace } from './hugging-face.ts'
import { MergeTable } from './merge-table.ts'
import { ownCopy, type PreTokenizer, preTokenizer } from './pre-tokenizer.ts'
import type { TokenizerParts } from './tokenizer-parts.ts'

export interface EncodeOptions {
  /** Turns the text of special tokens into their ids. Never for text from users. Default false. */
  readonly allowSpecial?: boolean
  /**
   * What precedes the text: a special token (its id), other text, or nothing (default). Some published tokenizers start a text with
   * an extra space, and some special tokens absorb the white space around them.
   */
  readonly after?: number | 'text' | undefined
  /** The special token that follows, if one does. */
  readonly before?: number | undefined
}

const utf8 = new TextEncoder()

/**
 * A byte-level BPE tokenizer: trained here or read from tokenizer.json, and written to it.
 *
 * @example
 * ```ts
 * import { trainBpe } from '@hadal/nn'
 *
 * const tokenizer = trainBpe(['the cat sat on the mat, the cat sat'], { vocabSize: 270 })
 * tokenizer.decode(tokenizer.encode('the cat')) // → 'the cat'
 * ```
 */
export class Tokenizer {
  readonly parts: TokenizerParts
  readonly vocabSize: number
  readonly specialTokens: ReadonlyMap<string, number>
  readonly #split: PreTokenizer
  readonly #merges: MergeTable
  readonly #idOfToken: ReadonlyMap<string, number>
  readonly #specialPattern: RegExp | undefined
  readonly #cache = new Map<string, readonly number[]>()

  constructor(parts: TokenizerParts) {
    const { tokens, specialTokens } = parts
    this.parts = parts
    this.vocabSize = tokens.length
    this.specialTokens = specialTokens
    this.#split = preTokenizer(parts.patterns)
    this.#idOfToken = idsBySpelling(tokens, specialTokens)
    const idOfByte = Uint32Array.from({ length: 256 }, (_, byte) => {
      return this.#idOfToken.get(spellBytes(Uint8Array.of(byte)))!
    })
    this.#merges = new MergeTable(parts.merges, idOfByte, this.vocabSize)
    this.#specialPattern = specialTokens.size === 0 ? undefined : anyOf([...specialTokens.keys()])
  }

  /** Lone surrogates are encoded as U+FFFD. */
  encode(text: string, { allowSpecial = false }: EncodeOptions = {}): number[] {
    if (this.parts.normalizeNfc) text = text.normalize('NFC')
    const ids: number[] = []
    if (!allowSpecial || this.#specialPattern === undefined) {
      this.#encodeOrdinary(text, ids)
      return ids
    }
    let end = 0
    for (const match of text.matchAll(this.#specialPattern)) {
      this.#encodeOrdinary(text.slice(end, match.index), ids)
      ids.push(this.specialTokens.get(match[0])!)
      end = match.index + match[0].length
    }
    this.#encodeOrdinary(text.slice(end), ids)
    return ids
  }

  /** `encode` without special tokens. */
  encodeOrdinary(text: string): number[] {
    return this.encode(text)
  }

  /** Bytes that are no UTF-8 (a character cut in half) become U+FFFD. */
  decode(ids: Iterable<number>): string {
    const chunks: Uint8Array[] = []
    for (const id of ids) chunks.push(this.bytesOf(id))
    return new TextDecoder('utf-8', { ignoreBOM: true }).decode(Buffer.concat(chunks))
  }

  /** The bytes of one token; they may end inside a character. */
  bytesOf(id: number): Uint8Array {
    const bytes = this.parts.tokens[id]
    if (bytes === undefined) throw invalidTokenId(id, this.vocabSize)
    return bytes
  }

  /** The id of a special token. */
  special(token: string): number {
    const id = this.specialTokens.get(token)
    if (id === undefined) throw invalidSpecialToken(token, 'is not in the vocabulary')
    return id
  }

  /** The contents of a tokenizer.json. */
  toHuggingFace(): Readonly<Record<string, unknown>> {
    return toHuggingFace(this.parts)
  }

  /** Takes what `JSON.parse` made of a tokenizer.json. */
  static fromHuggingFace(json: unknown): Tokenizer {
    return new Tokenizer(fromHuggingFace(json))
  }

  /** What a GGUF file needs for llama.cpp to cut text into the same tokens. */
  ggufMetadata(roles: TokenRoles): GgufMetadata {
    return ggufMetadata(this.parts, roles, (token) => this.special(token))
  }

  #encodeOrdinary(text: string, ids: number[]): void {
    for (const piece of this.#split(text)) {
      let tokens = this.#cache.get(piece)
      if (tokens === undefined) {
        tokens = this.#encodePiece(piece)
        if (piece.length <= cachedPieceLength) {
          if (this.#cache.size >= cacheCapacity) this.#cache.clear()
          this.#cache.set(ownCopy(piece), tokens)
        }
      }
      for (const token of tokens) ids.push(token)
    }
  }

  #encodePiece(piece: string): readonly number[] {
    const bytes = utf8.encode(piece)
    if (this.parts.ignoreMerges) {
      const whole = this.#idOfToken.get(spellBytes(bytes))
      if (whole !== undefined) return [whole]
    }
    return this.#merges.apply(bytes)
  }
}

const cacheCapacity = 1 << 16
const cachedPieceLength = 32

/** Ordinary tokens by their spelling; throws when a special token would share one. */
function idsBySpelling(
  tokens: readonly Uint8Array[],
  specialTokens: ReadonlyMap<string, number>,
): ReadonlyMap<string, number> {
  const special = new Set(specialTokens.values())
  const ids = new Map<string, number>()
  tokens.forEach((bytes, id) => {
    if (!special.has(id)) ids.set(spellBytes(bytes), id)
  })
  for (const token of specialTokens.keys()) {
    if (token === '') throw invalidSpecialToken(token, 'is empty')
    if (ids.has(token)) throw invalidSpecialToken(token, 'is spelt like an ordinary token')
  }
  return ids
}

/** The longest of several texts wins where more than one begins. */
export function anyOf(texts: readonly string[]): RegExp {
  const longestFirst = [...texts].sort((a, b) => b.length - a.length)
  return new RegExp(longestFirst.map((text) => text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')).join('|'), 'gu')
}
