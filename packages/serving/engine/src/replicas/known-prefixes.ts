/** Which prompt prefixes each replica computed recently; they may have been evicted since. */

import { PrefixTree } from '@hadal/batching'
import type { PromptBlocks } from './prompt-blocks.ts'

/** A prompt that was sent to a replica. */
interface Given<Of> {
  readonly to: Of
}

/** Per replica, the newest. It has some dozens of slots, and host memory for some more. */
const remembered = 256

export class KnownPrefixes<Of> {
  readonly #tree = new PrefixTree<Given<Of>>()
  /** Least recently used first. */
  readonly #given = new Map<Of, Set<Given<Of>>>()

  /** How many blocks of the prefix each replica has computed; those with none are omitted. */
  known({ root, blocks }: PromptBlocks): ReadonlyMap<Of, number> {
    const most = new Map<Of, number>()
    for (const { holder, length } of this.#tree.match(root, blocks))
      most.set(holder.to, Math.max(length, most.get(holder.to) ?? 0))
    return most
  }

  learn(to: Of, { root, blocks }: PromptBlocks): void {
    if (blocks.length === 0) return
    const given = this.#given.get(to) ?? new Set()
    this.#given.set(to, given)
    const one = this.#goingOn(to, { root, blocks }) ?? { to }
    given.delete(one)
    given.add(one)
    if (this.#tree.length(one) < blocks.length) this.#tree.set(one, root, blocks)
    for (const oldest of given) {
      if (given.size <= remembered) break
      given.delete(oldest)
      this.#tree.remove(oldest)
    }
  }

  /** Forgets an engine that ended or restarted. */
  forget(of: Of): void {
    for (const each of this.#given.get(of) ?? []) this.#tree.remove(each)
    this.#given.delete(of)
  }

  /** An entry that is a prefix of this prompt, as with the next turn of a conversation; or of which this prompt is a prefix. */
  #goingOn(to: Of, { root, blocks }: PromptBlocks): Given<Of> | undefined {
    const isSame = (length: number, holder: Given<Of>): boolean =>
      length === this.#tree.length(holder) || length === blocks.length
    return this.#tree
      .match(root, blocks)
      .find(({ holder, length }) => holder.to === to && isSame(length, holder))?.holder
  }
}
