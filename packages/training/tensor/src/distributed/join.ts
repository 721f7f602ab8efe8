/** Rendezvous of a job's processes, through a store that one of them hosts at a known address. */

import {
  tensorDistributedInvalid,
  tensorDistributedJoinFailed,
  tensorDistributedUnavailable,
} from '../errors.ts'
import { failure } from '../failure.ts'
import { native } from '../native.ts'
import { ProcessGroup } from './process-group.ts'

export interface JoinOptions {
  /** Where rank 0 listens: a name or an address that all processes reach. */
  readonly masterAddr: string
  readonly masterPort: number
  readonly rank: number
  readonly worldSize: number
  /** How long to wait for the others: when joining, and in each collective. */
  readonly timeoutMillis: number
  /** Default gloo, for tensors on the CPU; nccl for those on CUDA devices. */
  readonly backend?: 'gloo' | 'nccl' | undefined
  /** The store at the address belongs to the launcher of the job (torchrun's agent) and not to rank 0. */
  readonly storeElsewhere?: boolean | undefined
  /** Which start of the job this is, when the same store serves several. */
  readonly attempt?: number | undefined
}

/**
 * Process group backends of this addon: gloo, nccl, or none.
 *
 * @example
 * ```ts
 * import { distributedBackends } from '@hadal/tensor'
 *
 * distributedBackends() // [ 'gloo' ], where libtorch was found with its headers
 * ```
 */
export function distributedBackends(): string[] {
  return native().distributedBackends()
}

/**
 * The group of all processes of a job, once all have joined. A single process needs no network. Throws
 * `tensor_distributed_unavailable`, `tensor_distributed_invalid` or `tensor_distributed_join_failed`.
 *
 * @example
 * ```ts
 * import { joinProcessGroup } from '@hadal/tensor'
 *
 * const group = await joinProcessGroup({
 *   masterAddr: '127.0.0.1',
 *   masterPort: 29_500,
 *   rank: 0, // every process has another
 *   worldSize: 1,
 *   timeoutMillis: 60_000,
 * })
 * group.close()
 * ```
 */
export async function joinProcessGroup(options: JoinOptions): Promise<ProcessGroup> {
  const { masterAddr, masterPort, rank, worldSize, timeoutMillis, backend = 'gloo' } = options
  refuseInvalid(options)
  const ranks = Array.from({ length: worldSize }, (_, i) => i)
  if (worldSize === 1) return new ProcessGroup(0, 0, ranks)
  const has = distributedBackends()
  if (!has.includes(backend)) throw tensorDistributedUnavailable(backend, has)
  try {
    const id = await native().joinGroup({
      masterAddr,
      masterPort,
      rank,
      worldSize,
      timeoutMillis,
      backend,
      storeElsewhere: options.storeElsewhere ? 1 : 0,
      attempt: String(options.attempt ?? 0),
    })
    return new ProcessGroup(id, rank, ranks)
  } catch (thrown) {
    if ((thrown as { code?: unknown }).code !== 'join') throw failure(thrown, 'joinProcessGroup', '', [])
    throw tensorDistributedJoinFailed(`${masterAddr}:${masterPort}`, rank, (thrown as Error).message)
  }
}

function refuseInvalid({ masterPort, rank, worldSize, timeoutMillis }: JoinOptions): void {
  const whole = (value: number, from: number, below: number): boolean =>
    Number.isInteger(value) && value >= from && value < below
  if (!whole(worldSize, 1, 65_536))
    throw tensorDistributedInvalid(`worldSize ${worldSize} is no number of processes`)
  if (!whole(rank, 0, worldSize))
    throw tensorDistributedInvalid(`rank ${rank} is not from 0 to ${worldSize - 1}`)
  if (!whole(masterPort, 1, 65_536)) throw tensorDistributedInvalid(`masterPort ${masterPort} is no port`)
  if (!whole(timeoutMillis, 1, 2 ** 31))
    throw tensorDistributedInvalid(`timeoutMillis ${timeoutMillis} is no number of milliseconds`)
}
