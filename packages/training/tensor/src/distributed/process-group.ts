/**
 * Process groups and their collectives. Every member calls the same collectives in the same order, with tensors of equal shape and
 * dtype.
 *
 * A collective blocks this thread until it is done; those named start... continue in the background. A peer that exits or does not
 * respond within the group's timeout is the error `tensor_distributed_peer_lost`, after which no group of this join is usable. A
 * group of one process computes results locally.
 */

import { context } from '../context.ts'
import { tensorDistributedClosed, tensorDistributedInvalid } from '../errors.ts'
import { failure } from '../failure.ts'
import { native } from '../native.ts'
import { Tensor } from '../tensor.ts'
import { type GroupStore, ownStore, sharedStore } from './store.ts'

export type ReduceOp = 'sum' | 'max' | 'min'

/** A collective on its way. The tensors it was given must not change until `wait` has returned. */
export interface Work<T = void> {
  /** Waits until it is done and gives its result; once. */
  wait(): T
}

/**
 * Processes that compute together, and the collectives among them: each process calls the same ones in the same order.
 *
 * @example
 * ```ts
 * import { joinProcessGroup, torch } from '@hadal/tensor'
 *
 * const group = await joinProcessGroup({
 *   masterAddr: '127.0.0.1', // where rank 0 listens
 *   masterPort: 29_500,
 *   rank: Number(process.env.RANK),
 *   worldSize: 2,
 *   timeoutMillis: 60_000,
 * })
 * const x = torch.ones([1_000])
 * group.allReduce_(x) // the sum over both processes, in place
 * group.close()
 * ```
 */
export class ProcessGroup {
  /** This process's place in the group. */
  readonly rank: number
  /** The world ranks of its members, in the group's order. */
  readonly ranks: readonly number[]
  readonly store: GroupStore
  /** The native group; 0 for a process alone, -1 once closed. */
  #id: number

  /** Made by `joinProcessGroup` and `subgroup`. */
  constructor(id: number, rank: number, ranks: readonly number[]) {
    this.#id = id
    this.rank = rank
    this.ranks = ranks
    this.store = id === 0 ? ownStore() : sharedStore(() => this.native('store'))
  }

  get size(): number {
    return this.ranks.length
  }

  /** The bytes this process has sent in collectives of this group, by what the algorithms need to send. */
  get sentBytes(): number {
    return this.#id > 0 ? native().sentBytes(this.#id) : 0
  }

  /** The number the addon knows the group by; 0 for a process alone. Throws when the group is closed. */
  native(what: string): number {
    if (this.#id < 0) throw tensorDistributedClosed(`${what}: the process group is closed`)
    return this.#id
  }

  /**
   * A subgroup of the members with these world ranks. Every member of this group must call it, in the same order; non-members of
   * the subgroup get undefined.
   */
  subgroup(ranks: readonly number[]): ProcessGroup | undefined {
    const id = this.native('subgroup')
    const stranger = ranks.find((rank) => !this.ranks.includes(rank))
    if (stranger !== undefined)
      throw tensorDistributedInvalid(`rank ${stranger} is not in the group of ranks ${this.ranks.join(', ')}`)
    if (ranks.length === 0 || new Set(ranks).size < ranks.length)
      throw tensorDistributedInvalid(`[${ranks.join(', ')}] is no list of different ranks`)
    const made = id === 0 ? 0 : attempt('subgroup', [ranks], () => native().subgroup(id, ranks))
    const place = ranks.indexOf(this.ranks[this.rank]!)
    if (place < 0) return undefined
    if (ranks.length > 1) return new ProcessGroup(made, place, [...ranks])
    if (made > 0) native().closeGroup(made)
    return new ProcessGroup(0, place, [...ranks])
  }

  /** The sum, largest or smallest of every element over the processes, in place on all of them. */
  allReduce_(tensor: Tensor, op: ReduceOp = 'sum'): void {
    this.startAllReduce(tensor, op).wait()
  }

  startAllReduce(tensor: Tensor, op: ReduceOp = 'sum'): Work {
    return this.#start('allReduce_', tensor, (id) => native().startAllReduce(id, tensor.handle, op))
  }

  /** Copies `tensor` from `root`, a rank within the group, to all members. */
  broadcast_(tensor: Tensor, root: number): void {
    this.#start('broadcast_', tensor, (id) => native().startBroadcast(id, tensor.handle, root)).wait()
  }

  /** All members' tensors, concatenated in order along dimension 0; `splits`: rows from each member if they are not equal. */
  allGather(tensor: Tensor, splits: readonly number[] = []): Tensor {
    return this.startAllGather(tensor, splits).wait()
  }

  startAllGather(tensor: Tensor, splits: readonly number[] = []): Work<Tensor> {
    return this.#startResult('allGather', tensor, (id) => native().startAllGather(id, tensor.handle, splits))
  }

  /** The sum over the members, of which each gets its part of dimension 0; `splits`: rows for each member if they are not equal. */
  reduceScatter(tensor: Tensor, splits: readonly number[] = []): Tensor {
    return this.startReduceScatter(tensor, splits).wait()
  }

  startReduceScatter(tensor: Tensor, splits: readonly number[] = []): Work<Tensor> {
    return this.#startResult('reduceScatter', tensor, (id) =>
      native().startReduceScatter(id, tensor.handle, splits),
    )
  }

  /**
   * Sends rows of dimension 0, `inputSplits[i]` of them to member i, and gives what the members sent here in their order,
   * `outputSplits[i]` from member i.
   */
  allToAll(tensor: Tensor, inputSplits: readonly number[], outputSplits: readonly number[]): Tensor {
    return this.#startResult('allToAll', tensor, (id) =>
      native().startAllToAll(id, tensor.handle, inputSplits, outputSplits),
    ).wait()
  }

  /** Returns when everyone has called it. */
  barrier(): void {
    this.#start('barrier', undefined, (id) => native().startBarrier(id)).wait()
  }

  /** Ends this process's part in the group. Works under way fail. Closing twice is fine; it waits for no other rank. */
  close(): void {
    if (this.#id > 0) native().closeGroup(this.#id)
    this.#id = -1
  }

  #start(what: string, tensor: Tensor | undefined, start: (id: number) => number): Work {
    const id = this.native(what)
    if (id === 0) return { wait() {} }
    const work = attempt(what, tensor ? [tensor] : [], () => start(id))
    return { wait: () => void attempt(what, tensor ? [tensor] : [], () => native().waitWork(work)) }
  }

  #startResult(what: string, tensor: Tensor, start: (id: number) => number): Work<Tensor> {
    const id = this.native(what)
    if (id === 0) {
      const result = tensor.clone().unscope()
      return { wait: () => result.rescope() }
    }
    const work = attempt(what, [tensor], () => start(id))
    return {
      wait() {
        context()
        return new Tensor(attempt(what, [tensor], () => native().waitWork(work)))
      },
    }
  }
}

function attempt<T>(what: string, args: readonly unknown[], body: () => T): T {
  try {
    return body()
  } catch (thrown) {
    throw failure(thrown, what, '', args)
  }
}
