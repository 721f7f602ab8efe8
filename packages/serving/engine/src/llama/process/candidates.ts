/** The candidate tokens of a sampler, in the memory layout of llama.cpp's samplers: one instance for all sequences. */

import koffi from 'koffi'
import { has, type TokenSet } from '../../gbnf/token-trie.ts'

/** `llama_token_data`: token, logit, probability. */
const fieldsEach = 3

export class Candidates {
  /** `llama_token_data_array`: data, size, selected, sorted. */
  readonly native: BigInt64Array = new BigInt64Array(new ArrayBuffer(32))
  readonly #fields: Int32Array
  readonly #logits: Float32Array
  readonly #address: bigint

  constructor(vocabularySize: number) {
    const memory = new ArrayBuffer(vocabularySize * fieldsEach * 4)
    this.#fields = new Int32Array(memory)
    this.#logits = new Float32Array(memory)
    this.#address = koffi.address(this.#fields)
  }

  /** Fills in the tokens of a row of logits, all or those of a set, adding the biases if any. */
  fill(logits: Float32Array, allowed: TokenSet | undefined, biases: Float32Array | undefined): void {
    // As bits, so that one array holds both: this loop runs over whole vocabularies.
    const bits = new Int32Array(logits.buffer, logits.byteOffset, logits.length)
    const fields = this.#fields
    let at = 0
    if (allowed === undefined)
      for (let token = 0; token < bits.length; token += 1) {
        fields[at] = token
        fields[at + 1] = bits[token]!
        at += fieldsEach
      }
    else
      for (let token = 0; token < bits.length; token += 1) {
        if (!has(allowed, token)) continue
        fields[at] = token
        fields[at + 1] = bits[token]!
        at += fieldsEach
      }
    if (biases !== undefined)
      for (let each = 0; each < at; each += fieldsEach) this.#logits[each + 1]! += biases[fields[each]!]!
    this.native[0] = this.#address
    this.native[1] = BigInt(at / fieldsEach)
    this.native[2] = -1n
    this.native[3] = 0n
  }

  get count(): number {
    return Number(this.native[1])
  }

  /** The sampled token. */
  get chosen(): number {
    const at = Number(this.native[2])
    if (at < 0 || at >= this.count) throw new Error('no sampler chose a token')
    return this.#fields[this.#first + at * fieldsEach]!
  }

  /**
   * The tokens left by the samplers, with their logits. One may leave only tokens that others had ruled out, and chooses from
   * these.
   */
  left(): [token: number, logit: number][] {
    const all = Array.from({ length: this.count }, (_, index): [number, number] => {
      const at = this.#first + index * fieldsEach
      return [this.#fields[at]!, this.#logits[at + 1]!]
    })
    const possible = all.filter(([, logit]) => logit > Number.NEGATIVE_INFINITY)
    return possible.length > 0 ? possible : all
  }

  /** Samplers may drop leading candidates by moving the address. */
  get #first(): number {
    return Number(this.native[0]! - this.#address) / 4
  }
}
