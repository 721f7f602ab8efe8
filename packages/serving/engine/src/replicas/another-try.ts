/**
 * Tracks which replicas rejected a request, and picks the next one. Errors other than rejections are final: a request that
 * crashed one process could crash the next one, too.
 */

import { HadalError } from '@hadal/base'
import { deadlineUnmet, engineClosed, engineCrashed, engineStartFailed, queueFull } from '../errors.ts'
import type { PromptBlocks } from './prompt-blocks.ts'
import type { Hold, Replica } from './replica.ts'
import type { ReplicaSet } from './replica-set.ts'

/** Errors before any work was done; another replica may accept the request. */
const refusals: ReadonlySet<string> = new Set(
  [queueFull, deadlineUnmet, engineClosed, engineStartFailed].map(({ spec }) => spec.code),
)

export class AnotherTry {
  readonly #set: ReplicaSet
  readonly #refusedBy = new Set<Replica>()
  #last: unknown

  constructor(set: ReplicaSet) {
    this.#set = set
  }

  /** Throws the last rejection if all replicas rejected the request, and the errors of `ReplicaSet.check`. */
  next(path?: PromptBlocks): Hold {
    this.#set.check()
    const hold = this.#set.router.take(path, this.#refusedBy)
    if (hold === undefined) throw this.#last ?? engineClosed('closed')
    return hold
  }

  /** Rethrows errors that are not rejections. */
  failed(replica: Replica, error: unknown): void {
    const code = error instanceof HadalError ? error.code : undefined
    if (code === engineCrashed.spec.code) this.#set.router.forget(replica)
    if (code === undefined || !refusals.has(code)) throw error
    this.#refusedBy.add(replica)
    this.#last = error
  }
}
