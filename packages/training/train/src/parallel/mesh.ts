/**
 * The ranks of a run and the groups they work in: data x tensor, and experts within data. World rank = place among those that
 * divide the batch x size of the tensor group + place in it. Knows nothing about what the groups are used for.
 */

import { joinProcessGroup, ProcessGroup } from '@hadal/tensor'
import { invalidRun } from '../errors.ts'
import { kindOf } from '../kinds/kind-of.ts'
import type { Run } from '../run.ts'
import { type ParallelOptions, parallelDefaults } from './parallel-options.ts'
import type { RankEnvironment } from './rank-environment.ts'
import { checkLayout } from './start-together.ts'

export interface Mesh {
  /** All ranks of the run. */
  readonly world: ProcessGroup
  /** Those that have the same part of the model and another part of each batch. */
  readonly data: ProcessGroup
  /** Those that divide the layers between them, and read the same. */
  readonly tensor: ProcessGroup
  /** Those of the data group that divide the experts of a mixture between them. */
  readonly expert: ProcessGroup
  /** Those of the data group that have the same experts. */
  readonly replicas: ProcessGroup
  /** How the run divides them, with its usual values. */
  readonly options: ParallelOptions
  close(): void
}

/**
 * Waits until all ranks are there. `env` is undefined for a process by itself. Throws `train_invalid_run`, `train_ranks_differ`,
 * `tensor_distributed_*`.
 *
 * @example
 * ```ts
 * import { run } from './my-run.ts' // export const run = defineRun({ ... })
 * import { openMesh, readRankEnvironment, train } from '@hadal/train'
 *
 * const mesh = await openMesh(run, readRankEnvironment(process.env)) // RANK, WORLD_SIZE, ... as torchrun sets them
 * await train(run, { mesh })
 * mesh.close()
 * ```
 */
export async function openMesh(run: Run, env: RankEnvironment | undefined): Promise<Mesh> {
  const options = meshOptions(run, env?.worldSize ?? 1)
  const world = await joinProcessGroup({
    masterAddr: env?.masterAddr ?? '127.0.0.1',
    masterPort: env?.masterPort ?? 1,
    rank: env?.rank ?? 0,
    worldSize: env?.worldSize ?? 1,
    timeoutMillis: Math.ceil(options.timeoutSeconds * 1000),
    storeElsewhere: env?.storeElsewhere,
    attempt: env?.attempt,
  })
  try {
    checkLayout(world, options)
  } catch (thrown) {
    world.close()
    throw thrown
  }
  return meshOf(world, options)
}

/** The groups within `world`, which every rank makes at once. */
export function meshOf(world: ProcessGroup, options: ParallelOptions): Mesh {
  const { data: dataSize, tensor: tensorSize, expert: expertSize } = options
  const range = (count: number): number[] => Array.from({ length: count }, (_, i) => i)
  const own = (size: number, groups: readonly (readonly number[])[]): ProcessGroup => {
    // Nobody has to be asked to be alone.
    if (size === 1) return new ProcessGroup(0, 0, [world.ranks[world.rank]!])
    if (size === world.size) return world
    return groups.map((ranks) => world.subgroup(ranks)).find((group) => group !== undefined)!
  }
  const rankOf = (data: number, tensor: number): number => data * tensorSize + tensor
  const data = own(
    dataSize,
    range(tensorSize).map((t) => range(dataSize).map((d) => rankOf(d, t))),
  )
  const tensor = own(
    tensorSize,
    range(dataSize).map((d) => range(tensorSize).map((t) => rankOf(d, t))),
  )
  const expertGroups = range(tensorSize).flatMap((t) =>
    range(dataSize / expertSize).map((part) =>
      range(expertSize).map((e) => rankOf(part * expertSize + e, t)),
    ),
  )
  const expert = expertSize === dataSize ? data : own(expertSize, expertGroups)
  const replicaGroups = range(tensorSize).flatMap((t) =>
    range(expertSize).map((e) =>
      range(dataSize / expertSize).map((part) => rankOf(part * expertSize + e, t)),
    ),
  )
  const replicas = expertSize === 1 ? data : own(dataSize / expertSize, replicaGroups)
  const groups = new Set([replicas, expert, tensor, data, world])
  return {
    world,
    data,
    tensor,
    expert,
    replicas,
    options,
    close: () => {
      for (const group of groups) group.close()
    },
  }
}

/**
 * What the run says, filled in for `worldSize` ranks. Throws `train_invalid_run` where they cannot be divided so.
 *
 * @internal
 */
export function meshOptions(
  run: Pick<Run, 'name' | 'parallel' | 'batch'> & Partial<Pick<Run, 'model'>>,
  worldSize: number,
): ParallelOptions {
  const { parallel = {} } = run
  const tensor = parallel.tensor ?? parallelDefaults.tensor
  const data = parallel.data ?? Math.max(1, Math.floor(worldSize / tensor))
  const options = { ...parallelDefaults, ...parallel, tensor, data }
  const faults: string[] = []
  const kind = run.model && kindOf(run.model)
  if (kind && worldSize > 1 && !kind.isDivisible)
    faults.push(
      `${worldSize} ranks divide a language model between them, and the model is ${kind.title}: start it as one process`,
    )
  if (data * tensor !== worldSize)
    faults.push(
      `parallel divides into data ${data} x tensor ${tensor} parts, which are ${data * tensor} ranks, and there are ${worldSize}`,
    )
  if (data % options.expert !== 0)
    faults.push(`parallel.expert is ${options.expert}, which does not divide the ${data} parts of the batch`)
  if (run.batch.windows < data)
    faults.push(`batch.windows is ${run.batch.windows}, which ${data} ranks cannot divide between them`)
  if (faults.length > 0) throw invalidRun(run.name, faults)
  return options
}
