/** The tokens a sampler chooses from, in the memory that llama.cpp's samplers work on: one for all sequences. */

import koffi from 'koffi'
import { has, type TokenSet } from '../../gbnf/token-trie.ts'

/** `llama_token_data`: token, logit, probability. */
const fieldsEach = 3

export class Candidates {
  /** `llama_token_data_array`: data, size, selected, sorted. */
  readonly native: BigInt64Array = new BigInt64Array(new ArrayBuffer(32))
  readonly #tokens: Int32Array
  readonly #logits: Float32Array
  readonly #address: bigint

  constructor(vocabularySize: number) {
    const memory = new ArrayBuffer(vocabularySize * fieldsEach * 4)
    this.#tokens = new Int32Array(memory)
    this.#logits = new Float32Array(memory)
    this.#address = koffi.address(this.#tokens)
  }

  /** The tokens of a row of logits: all, or those of a set. */
  fill(logits: Float32Array, allowed: TokenSet | undefined): void {
    const [tokens, values] = [this.#tokens, this.#logits]
    let at = 0
    for (let token = 0; token < logits.length; token += 1) {
      if (allowed !== undefined && !has(allowed, token)) continue
      tokens[at] = token
      values[at + 1] = logits[token]!
      at += fieldsEach
    }
    this.native[0] = this.#address
    this.native[1] = BigInt(at / fieldsEach)
    this.native[2] = -1n
    this.native[3] = 0n
  }

  get count(): number {
    return Number(this.native[1])
  }

  /** What a sampler chose. */
  get chosen(): number {
    const at = Number(this.native[2])
    if (at < 0 || at >= this.count) throw new Error('no sampler chose a token')
    return this.#tokens[this.#first + at * fieldsEach]!
  }

  /** What samplers left, with the logits they gave it. */
  left(): [token: number, logit: number][] {
    return Array.from({ length: this.count }, (_, index): [number, number] => {
      const at = this.#first + index * fieldsEach
      return [this.#tokens[at]!, this.#logits[at + 1]!]
    }).filter(([, logit]) => logit > Number.NEGATIVE_INFINITY)
  }

  /** Samplers may drop the first ones by moving the address. */
  get #first(): number {
    return Number(this.native[0]! - this.#address) / 4
  }
}
