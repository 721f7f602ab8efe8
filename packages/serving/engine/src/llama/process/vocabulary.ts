/** A model's tokens and its tokenizer. */

import type { FimTokens } from '../../engine.ts'
import { invalidToken } from '../../errors.ts'
import { maxAsyncCalls, type Native, type VocabPointer } from '../binding.ts'
import { Turns } from './turns.ts'

/** Shorter texts are tokenised at once: a worker thread costs more than it saves. */
const inlineBytes = 8192

/** LLAMA_TOKEN_ATTR_UNKNOWN, CONTROL and USER_DEFINED. */
const parsedAttributes = 1 | 8 | 16

export class Vocabulary {
  readonly size: number
  readonly bos: number
  readonly eos: number
  /** Length of the longest token: no text of more than this many bytes per token can be shorter than it seems. */
  readonly longestToken: number
  readonly pointer: VocabPointer
  readonly #native: Native
  /** The bytes of tokens as output shows them; and of those that it does not show, written out. */
  readonly #shown = new Map<number, Uint8Array>()
  readonly #writtenOut = new Map<number, Uint8Array>()
  #ends: readonly number[] | undefined
  readonly #turns = new Turns(maxAsyncCalls)
  #buffer = Buffer.alloc(1024)

  constructor(native: Native, pointer: VocabPointer) {
    this.#native = native
    this.pointer = pointer
    this.size = native.llama.vocabNTokens(pointer)
    this.bos = native.llama.vocabBos(pointer)
    this.eos = native.llama.vocabEos(pointer)
    let longest = 1
    for (let token = 0; token < this.size; token += 1)
      longest = Math.max(longest, this.#piece(token, true).length)
    this.longestToken = longest
  }

  /** A turn on the worker threads that look things up in it; only so many at a time. */
  turn(): Promise<Disposable> {
    return this.#turns.take()
  }

  /** The name of a special token, `''` for none. */
  textOf(token: number): string {
    return token < 0 ? '' : this.#native.llama.vocabGetText(this.pointer, token)
  }

  /** The texts of tokens that mean something to the model beside their text. */
  controlTokens(): string[] {
    const texts: string[] = []
    for (let token = 0; token < this.size; token += 1)
      if (this.#native.llama.vocabIsControl(this.pointer, token)) texts.push(this.textOf(token))
    return texts
  }

  /** Undefined where the vocabulary lacks one of the three it takes. */
  fim(): FimTokens | undefined {
    const { llama } = this.#native
    const [prefix, suffix, middle] = [
      llama.vocabFimPre(this.pointer),
      llama.vocabFimSuf(this.pointer),
      llama.vocabFimMid(this.pointer),
    ]
    if (Math.min(prefix, suffix, middle) < 0) return undefined
    const [pad, repository, separator] = [
      llama.vocabFimPad(this.pointer),
      llama.vocabFimRep(this.pointer),
      llama.vocabFimSep(this.pointer),
    ]
    return {
      prefix,
      suffix,
      middle,
      ...(pad >= 0 && { pad }),
      ...(repository >= 0 && { repository }),
      ...(separator >= 0 && { separator }),
    }
  }

  /** Whether texts end with a token of end of text. */
  get addsEos(): boolean {
    return this.#native.llama.vocabGetAddEos(this.pointer)
  }

  /** The tokens of end of generation. */
  get ends(): readonly number[] {
    if (this.#ends === undefined) {
      const all = Array.from({ length: this.size }, (_, token) => token)
      this.#ends = all.filter((token) => this.endsGeneration(token))
    }
    return this.#ends
  }

  endsGeneration(token: number): boolean {
    return this.#native.llama.vocabIsEog(this.pointer, token)
  }

  /** The one token that a text is, written as in templates, or that has this id. */
  named(name: string | number): number | undefined {
    if (typeof name === 'number') return name < this.size ? name : undefined
    const [token, ...more] = this.tokenizeShort(name)
    return more.length === 0 ? token : undefined
  }

  /** A token's bytes. Control tokens have none in output, unless they are written out. */
  bytesOf(token: number, controlText: boolean): Uint8Array {
    const shown = this.#read(token, this.#shown, false)
    return controlText && shown.length === 0 ? this.#read(token, this.#writtenOut, true) : shown
  }

  #read(token: number, known: Map<number, Uint8Array>, special: boolean): Uint8Array {
    let bytes = known.get(token)
    if (bytes === undefined) {
      bytes = Uint8Array.from(this.#piece(token, special))
      known.set(token, bytes)
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
    return Buffer.concat(this.pieces(tokens)).toString()
  }

  /** The bytes of each, control tokens written out. Throws `invalid_token`. */
  pieces(tokens: readonly number[]): Uint8Array[] {
    this.check(tokens)
    return tokens.map((token) => this.bytesOf(token, true))
  }

  /** A token that is found in a text by its name. */
  isParsed(token: number): boolean {
    return (this.#native.llama.vocabGetAttr(this.pointer, token) & parsedAttributes) !== 0
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
    using _ = long ? await this.turn() : undefined
    if (!isWanted()) return undefined
    const bytes = Buffer.from(text)
    if (!long) return this.#tokenizeNow(bytes, addSpecial, parseSpecial)
    const attempt = (tokens: Int32Array): Promise<number> =>
      new Promise((resolve, reject) => {
        const args = [this.pointer, bytes, bytes.length, tokens, tokens.length] as const
        this.#native.llama.tokenize.async(...args, addSpecial, parseSpecial, (error, count) =>
          error ? reject(error) : resolve(count),
        )
      })
    let tokens = roomFor(bytes)
    let count = await attempt(tokens)
    if (count < 0) {
      tokens = new Int32Array(-count)
      count = await attempt(tokens)
    }
    return Array.from(tokens.subarray(0, count))
  }

  /** At once, and as templates are read: for texts that are known to be short. */
  tokenizeShort(text: string): number[] {
    return this.#tokenizeNow(Buffer.from(text), false, true)
  }

  #tokenizeNow(bytes: Uint8Array, addSpecial: boolean, parseSpecial: boolean): number[] {
    const attempt = (tokens: Int32Array): number =>
      this.#native.llama.tokenize(
        this.pointer,
        bytes,
        bytes.length,
        tokens,
        tokens.length,
        addSpecial,
        parseSpecial,
      )
    let tokens = roomFor(bytes)
    let count = attempt(tokens)
    if (count < 0) {
      tokens = new Int32Array(-count)
      count = attempt(tokens)
    }
    return Array.from(tokens.subarray(0, count))
  }

  /** Valid until the next call. */
  #piece(token: number, special: boolean): Uint8Array {
    const write = (): number =>
      this.#native.llama.tokenToPiece(this.pointer, token, this.#buffer, this.#buffer.length, 0, special)
    let length = write()
    if (length < 0) {
      this.#buffer = Buffer.alloc(-length)
      length = write()
    }
    return this.#buffer.subarray(0, length)
  }
}

/** Hardly ever more tokens than bytes, beside one at each end; llama.cpp tells how many it would take. */
function roomFor(bytes: Uint8Array): Int32Array {
  return new Int32Array(bytes.length + 16)
}
