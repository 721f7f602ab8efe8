/** Who computed which beginnings of prompts, as far as is remembered: the least recently asked for are forgotten. */

const remembered = 100_000

export class PrefixOwners {
  readonly #ownerOf = new Map<number, string>()

  get size(): number {
    return this.#ownerOf.size
  }

  /** Of the longest beginning that one of those has. */
  find(
    blocks: readonly number[],
    isMeant: (owner: string) => boolean,
  ): { readonly owner: string; readonly blocks: number } | undefined {
    for (let count = blocks.length; count > 0; count -= 1) {
      const owner = this.#ownerOf.get(blocks[count - 1]!)
      if (owner !== undefined && isMeant(owner)) return { owner, blocks: count }
    }
    return undefined
  }

  /** It has all of them now. What another one has already stays the other's, unless that is gone: so a beginning that many share has one place. */
  learn(blocks: readonly number[], owner: string, isThere: (owner: string) => boolean): void {
    for (const block of blocks) {
      const known = this.#ownerOf.get(block)
      if (known !== undefined) this.#ownerOf.delete(block)
      this.#ownerOf.set(block, known !== undefined && isThere(known) ? known : owner)
    }
    for (const block of this.#ownerOf.keys()) {
      if (this.#ownerOf.size <= remembered) return
      this.#ownerOf.delete(block)
    }
  }
}
