/** Who has refused a request so far, and who is asked next. What is no refusal ends it: a request that ended a process could end the next one, too. */

import { HadalError } from '@hadal/base'
import { deadlineUnmet, engineClosed, engineCrashed, engineStartFailed, queueFull } from '../errors.ts'
import type { PromptBlocks } from './prompt-blocks.ts'
import type { Hold, Replica } from './replica.ts'
import type { ReplicaSet } from './replica-set.ts'

/** Nothing was begun, and another one may do it. */
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

  /** Throws the last refusal where all have refused, and as `ReplicaSet.check`. */
  next(path?: PromptBlocks): Hold {
    this.#set.check()
    const hold = this.#set.router.take(path, this.#refusedBy)
    if (hold === undefined) throw this.#last ?? engineClosed('closed')
    return hold
  }

  /** Throws it where it is no refusal. */
  failed(replica: Replica, error: unknown): void {
    const code = error instanceof HadalError ? error.code : undefined
    if (code === engineCrashed.spec.code) this.#set.router.forget(replica)
    if (code === undefined || !refusals.has(code)) throw error
    this.#refusedBy.add(replica)
    this.#last = error
  }
}
