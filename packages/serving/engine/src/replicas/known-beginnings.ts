/** Which beginnings of prompts each of several engines has computed lately. Knows nothing of whether it has them still. */

import { PrefixTree } from '@hadal/batching'
import type { PromptBlocks } from './prompt-blocks.ts'

/** One prompt that one engine was given. */
interface Given<Of> {
  readonly to: Of
}

/** Of each engine, the newest. It has places for some dozens, and memory for some more. */
const remembered = 256

export class KnownBeginnings<Of> {
  readonly #tree = new PrefixTree<Given<Of>>()
  /** The one used longest ago first. */
  readonly #given = new Map<Of, Set<Given<Of>>>()

  /** How many blocks of the beginning each knows; who knows none is not among them. */
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

  /** It knows nothing any more: it ended, or was started again. */
  forget(of: Of): void {
    for (const each of this.#given.get(of) ?? []) this.#tree.remove(each)
    this.#given.delete(of)
  }

  /** One whose whole prompt this one begins with, as the next turn of a conversation does; or that begins with all of this one. */
  #goingOn(to: Of, { root, blocks }: PromptBlocks): Given<Of> | undefined {
    const isSame = (length: number, holder: Given<Of>): boolean =>
      length === this.#tree.length(holder) || length === blocks.length
    return this.#tree
      .match(root, blocks)
      .find(({ holder, length }) => holder.to === to && isSame(length, holder))?.holder
  }
}
