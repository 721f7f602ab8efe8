/** Remembers which replica computed which prompt prefixes; the least recently requested are forgotten. */

const remembered = 100_000

export class PrefixOwners {
  readonly #ownerOf = new Map<number, string>()

  get size(): number {
    return this.#ownerOf.size
  }

  /** The owner of the longest known prefix. */
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

  /**
   * Records that it has all of these blocks. Blocks of another live owner stay with that, so that a shared prefix has one home.
   */
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
