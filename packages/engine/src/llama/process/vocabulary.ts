/** A model's tokens and its tokenizer. */

import type { Prompt } from '../../engine.ts'
import { contextLengthExceeded, emptyPrompt, invalidToken } from '../../errors.ts'
import { mostAsyncCalls, type Native, type VocabPointer } from '../binding.ts'
import { Turns } from './turns.ts'

/** Shorter texts are tokenised at once: a worker thread costs more than it saves. */
const inlineBytes = 8192

export class Vocabulary {
  readonly size: number
  readonly bos: number
  readonly eos: number
  /** Length of the longest token: no text of more than this many bytes per token can be shorter than it seems. */
  readonly longestToken: number
  readonly #native: Native
  readonly #pointer: VocabPointer
  readonly #pieces = new Map<number, Uint8Array>()
  readonly #turns = new Turns(mostAsyncCalls)
  #buffer = Buffer.alloc(1024)

  constructor(native: Native, pointer: VocabPointer) {
    this.#native = native
    this.#pointer = pointer
    this.size = native.llama.vocabNTokens(pointer)
    this.bos = native.llama.vocabBos(pointer)
    this.eos = native.llama.vocabEos(pointer)
    let longest = 1
    for (let token = 0; token < this.size; token += 1)
      longest = Math.max(longest, this.#piece(token, true).length)
    this.longestToken = longest
  }

  /** The name of a special token, `''` for none. */
  textOf(token: number): string {
    return token < 0 ? '' : this.#native.llama.vocabGetText(this.#pointer, token)
  }

  /** The texts of tokens that mean something to the model beside their text. */
  controlTokens(): string[] {
    const texts: string[] = []
    for (let token = 0; token < this.size; token += 1)
      if (this.#native.llama.vocabIsControl(this.#pointer, token)) texts.push(this.textOf(token))
    return texts
  }

  endsGeneration(token: number): boolean {
    return this.#native.llama.vocabIsEog(this.#pointer, token)
  }

  /** A token's bytes as output shows them: control tokens have none. */
  bytesOf(token: number): Uint8Array {
    let bytes = this.#pieces.get(token)
    if (bytes === undefined) {
      bytes = Uint8Array.from(this.#piece(token, false))
      this.#pieces.set(token, bytes)
    }
    return bytes
  }

  /** Throws `invalid_token`. */
  check(tokens: readonly number[]): void {
    for (const token of tokens)
      if (!Number.isInteger(token) || token < 0 || token >= this.size) throw invalidToken(token, this.size)
  }

  /** Control tokens are written out. Throws `invalid_token`. */
  detokenize(tokens: readonly number[]): string {
    this.check(tokens)
    return Buffer.concat(tokens.map((token) => Buffer.from(this.#piece(token, true)))).toString()
  }

  /** The bytes of each, control tokens written out. Throws `invalid_token`. */
  pieces(tokens: readonly number[]): number[][] {
    this.check(tokens)
    return tokens.map((token) => [...this.#piece(token, true)])
  }

  /**
   * The prompt's tokens, which leave room for at least one more in `contextLength`.
   * Undefined when it was no longer wanted. Throws `empty_prompt`, `invalid_token` or `context_length_exceeded`.
   */
  async prompt(
    prompt: Prompt,
    contextLength: number,
    isWanted: () => boolean,
  ): Promise<readonly number[] | undefined> {
    let tokens: readonly number[]
    const pieces = typeof prompt === 'string' ? [prompt] : 'pieces' in prompt ? prompt.pieces : undefined
    if (pieces === undefined) tokens = prompt as readonly number[]
    else {
      const bytes = pieces.reduce((sum, piece) => sum + Buffer.byteLength(piece), 0)
      const least = Math.ceil(bytes / this.longestToken)
      if (least > contextLength) throw contextLengthExceeded(least, contextLength, true)
      const found: number[] = []
      for (const [index, piece] of pieces.entries()) {
        const some = await this.tokenize(piece, index === 0, true, isWanted)
        if (some === undefined) return undefined
        for (const token of some) found.push(token)
      }
      tokens = withoutSecondBos(found, this.bos)
    }
    if (tokens.length === 0) throw emptyPrompt()
    if (tokens.length >= contextLength) throw contextLengthExceeded(tokens.length, contextLength)
    this.check(tokens)
    return tokens
  }

  /**
   * Long texts go to a worker thread, a few at a time: 20 MB take seconds. Undefined when, by the time it has its turn,
   * nobody wants it any more.
   */
  async tokenize(
    text: string,
    addSpecial: boolean,
    parseSpecial: boolean,
    isWanted: () => boolean,
  ): Promise<number[] | undefined> {
    const long = Buffer.byteLength(text) > inlineBytes
    using _ = long ? await this.#turns.take() : undefined
    if (!isWanted()) return undefined
    const bytes = Buffer.from(text)
    const attempt = (tokens: Int32Array): Promise<number> | number => {
      const args = [
        this.#pointer,
        bytes,
        bytes.length,
        tokens,
        tokens.length,
        addSpecial,
        parseSpecial,
      ] as const
      if (!long) return this.#native.llama.tokenize(...args)
      return new Promise((resolve, reject) => {
        this.#native.llama.tokenize.async(...args, (error, count) => (error ? reject(error) : resolve(count)))
      })
    }
    // Hardly ever more tokens than bytes, beside one at each end; a negative count tells how many it would take.
    let tokens = new Int32Array(bytes.length + 16)
    let count = await attempt(tokens)
    if (count < 0) {
      tokens = new Int32Array(-count)
      count = await attempt(tokens)
    }
    return Array.from(tokens.subarray(0, count))
  }

  /** Valid until the next call. */
  #piece(token: number, special: boolean): Uint8Array {
    const write = (): number =>
      this.#native.llama.tokenToPiece(this.#pointer, token, this.#buffer, this.#buffer.length, 0, special)
    let length = write()
    if (length < 0) {
      this.#buffer = Buffer.alloc(-length)
      length = write()
    }
    return this.#buffer.subarray(0, length)
  }
}

/** A text that begins with the model's BOS gets no second one. */
function withoutSecondBos(tokens: readonly number[], bos: number): readonly number[] {
  return tokens[0] === bos && tokens[1] === bos ? tokens.slice(1) : tokens
}
