/**
 * The prefix of a prompt as a chain of hashes, each covering a block of characters or tokens and everything before it: prompts share as
 * many hashes as leading blocks. cyrb53 (https://github.com/bryc/code/blob/master/jshash/experimental/cyrb53.js), read at the end of each
 * block. A collision only costs a suboptimal choice.
 *
 * @internal
 */
export class PrefixHash {
  /** One per whole block, in order: a partial one would change with the next turn. */
  readonly blocks: number[] = []
  readonly #blockLength: number
  readonly #maxBlocks: number
  #a = 0xdeadbeef
  #b = 0x41c6ce57
  /** Length of the incomplete block. */
  #started = 0

  /** Prefixes longer than `maxBlocks` are compared by their first blocks only. */
  constructor(blockLength: number, maxBlocks: number) {
    this.#blockLength = blockLength
    this.#maxBlocks = maxBlocks
  }

  /** Covers everything that was added. */
  get value(): number {
    const [a, b] = [this.#a, this.#b]
    const high = Math.imul(a ^ (a >>> 16), 2246822507) ^ Math.imul(b ^ (b >>> 13), 3266489909)
    const low = Math.imul(b ^ (b >>> 16), 2246822507) ^ Math.imul(a ^ (a >>> 13), 3266489909)
    return 4294967296 * (2097151 & low) + (high >>> 0)
  }

  get isFull(): boolean {
    return this.blocks.length >= this.#maxBlocks
  }

  /** Text in several pieces counts as one. */
  add(piece: string | ArrayLike<number>): void {
    for (let from = 0; from < piece.length && !this.isFull; ) {
      const end = Math.min(piece.length, from + this.#blockLength - this.#started)
      if (typeof piece === 'string') this.#mixText(piece, from, end)
      else this.#mixTokens(piece, from, end)
      this.#started += end - from
      from = end
      if (this.#started < this.#blockLength) continue
      this.#started = 0
      this.blocks.push(this.value)
    }
  }

  /** The hot loop over all characters of a prompt: local variables are much faster than fields. */
  #mixText(text: string, from: number, end: number): void {
    let [a, b] = [this.#a, this.#b]
    for (let at = from; at < end; at += 1) {
      const code = text.charCodeAt(at)
      a = Math.imul(a ^ code, 2654435761)
      b = Math.imul(b ^ code, 1597334677)
    }
    this.#a = a
    this.#b = b
  }

  #mixTokens(tokens: ArrayLike<number>, from: number, end: number): void {
    let [a, b] = [this.#a, this.#b]
    for (let at = from; at < end; at += 1) {
      const token = tokens[at]!
      a = Math.imul(a ^ token, 2654435761)
      b = Math.imul(b ^ token, 1597334677)
    }
    this.#a = a
    this.#b = b
  }
}

/**
 * For strings other than prompts.
 *
 * @internal
 */
export function hashOf(text: string): number {
  const chain = new PrefixHash(Number.POSITIVE_INFINITY, 1)
  chain.add(text)
  return chain.value
}
