/** A model's tokens and its tokenizer. */

import type { FimTokens } from '../../engine.ts'
import { invalidToken } from '../../errors.ts'
import { maxAsyncCalls, type Native, type VocabPointer } from '../binding.ts'
import { Turns } from './turns.ts'

/** Shorter texts are tokenised synchronously: a worker thread costs more than it saves. */
const inlineBytes = 8192

/** LLAMA_TOKEN_ATTR_UNKNOWN, CONTROL and USER_DEFINED. */
const parsedAttributes = 1 | 8 | 16

export class Vocabulary {
  readonly size: number
  readonly bos: number
  readonly eos: number
  /** In bytes, so that a lower bound on the number of tokens of a text is known. */
  readonly longestToken: number
  readonly pointer: VocabPointer
  readonly #native: Native
  /** The bytes of tokens as they appear in output, and of hidden tokens written out. */
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

  /** A turn on the worker threads that search the vocabulary; their number is limited. */
  turn(): Promise<Disposable> {
    return this.#turns.take()
  }

  /** The text of a special token, `''` if none. */
  textOf(token: number): string {
    return token < 0 ? '' : this.#native.llama.vocabGetText(this.pointer, token)
  }

  /** The texts of tokens with a special meaning to the model. */
  controlTokens(): string[] {
    const texts: string[] = []
    for (let token = 0; token < this.size; token += 1)
      if (this.#native.llama.vocabIsControl(this.pointer, token)) texts.push(this.textOf(token))
    return texts
  }

  /** Undefined if the vocabulary lacks one of the three required tokens. */
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

  /** Whether an end-of-text token is appended to texts. */
  get addsEos(): boolean {
    return this.#native.llama.vocabGetAddEos(this.pointer)
  }

  /** The end-of-generation tokens. */
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

  /** The single token with this text, as written in templates, or with this id. */
  named(name: string | number): number | undefined {
    if (typeof name === 'number') return name < this.size ? name : undefined
    const [token, ...more] = this.tokenizeShort(name)
    return more.length === 0 ? token : undefined
  }

  /** The bytes of a token. Control tokens have none in output, unless `controlText`. */
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

  /** The bytes of each token, control tokens written out. Throws `invalid_token`. */
  pieces(tokens: readonly number[]): Uint8Array[] {
    this.check(tokens)
    return tokens.map((token) => this.bytesOf(token, true))
  }

  /** A token that is recognised in text by its name. */
  isParsed(token: number): boolean {
    return (this.#native.llama.vocabGetAttr(this.pointer, token) & parsedAttributes) !== 0
  }

  /** Long texts go to a worker thread, a few at a time: 20 MB take seconds. Undefined if cancelled before its turn. */
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

  /** Synchronous, parsing special tokens: for texts known to be short. */
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

/** There are hardly ever more tokens than bytes plus one at each end; otherwise llama.cpp returns the required size. */
function roomFor(bytes: Uint8Array): Int32Array {
  return new Int32Array(bytes.length + 16)
}
