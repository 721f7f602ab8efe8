/**
 * A run's process groups: data x tensor, with experts within data. World rank = data-parallel index x tensor group size +
 * tensor-parallel index.
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
  /** Ranks with the same part of the model and different parts of each batch. */
  readonly data: ProcessGroup
  /** Ranks that divide the layers and read the same data. */
  readonly tensor: ProcessGroup
  /** Ranks of the data group that divide the experts of a mixture. */
  readonly expert: ProcessGroup
  /** Ranks of the data group with the same experts. */
  readonly replicas: ProcessGroup
  /** The run's parallel options with defaults filled in. */
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
    // A group of one needs no communication.
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
 * The run's options with defaults for `worldSize` ranks. Throws `train_invalid_run` if they do not divide that way.
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
  const issues: string[] = []
  const kind = run.model && kindOf(run.model)
  if (kind && worldSize > 1 && !kind.isDivisible)
    issues.push(
      `${worldSize} ranks divide a language model between them, and the model is ${kind.title}: start it as one process`,
    )
  if (data * tensor !== worldSize)
    issues.push(
      `parallel divides into data ${data} x tensor ${tensor} parts, which are ${data * tensor} ranks, and there are ${worldSize}`,
    )
  if (data % options.expert !== 0)
    issues.push(`parallel.expert is ${options.expert}, which does not divide the ${data} parts of the batch`)
  if (run.batch.windows < data)
    issues.push(`batch.windows is ${run.batch.windows}, which ${data} ranks cannot divide between them`)
  if (issues.length > 0) throw invalidRun(run.name, issues)
  return options
}
