/**
 * Reads this process's rank from the environment as set by torchrun, Kubeflow Trainer, Slurm and `hadal train --nproc`. Pure; does
 * not connect.
 */

import { rankEnvironmentInvalid } from './errors.ts'

export interface RankEnvironment {
  readonly rank: number
  readonly worldSize: number
  /** Among the ranks of this machine. */
  readonly localRank: number
  readonly localWorldSize: number
  /** Address of rank 0. */
  readonly masterAddr: string
  readonly masterPort: number
  /** The store runs outside rank 0, as in torchrun's agent. */
  readonly storeElsewhere: boolean
  /** Restart count of the job; one store may serve all attempts. */
  readonly attempt: number
}

export type Environment = Readonly<Record<string, string | undefined>>

/**
 * Undefined for a single process and for a job of one. Throws `train_rank_environment` with every issue.
 *
 * @example
 * ```ts
 * import { readRankEnvironment } from '@hadal/train'
 *
 * readRankEnvironment({}) // → undefined
 * ```
 */
export function readRankEnvironment(env: Environment): RankEnvironment | undefined {
  const names = namings.find(({ rank, worldSize }) => said(env, rank) || said(env, worldSize))
  if (names === undefined) return undefined
  const issues: string[] = []
  const whole = (name: string, least: number, most: number, usual?: number): number => {
    const text = env[name]
    if (!text && usual !== undefined) return usual
    const value = /^\d{1,9}$/.test(text ?? '') ? Number(text) : Number.NaN
    if (value >= least && value <= most) return value
    issues.push(
      text
        ? `${name} is ${JSON.stringify(text)}; it must be a whole number from ${least} to ${most}`
        : `${name} is missing`,
    )
    return least
  }
  const worldSize = whole(names.worldSize, 1, maxRanks)
  const rank = whole(names.rank, 0, issues.length > 0 ? maxRanks - 1 : worldSize - 1)
  if (worldSize === 1 && issues.length === 0) return undefined
  const localRank = whole(names.localRank, 0, maxRanks - 1, 0)
  const localWorldSize = whole(names.localWorldSize, localRank + 1, maxRanks, localRank + 1)
  const masterAddr = names.masterAddr.map((name) => env[name]).find(Boolean) ?? ''
  if (masterAddr === '') issues.push(`${names.masterAddr.join(' or ')} is missing`)
  const masterPort = whole(names.masterPort, 1, 65535, names.usualPort?.(env))
  const storeElsewhere = env.TORCHELASTIC_USE_AGENT_STORE === 'True'
  const attempt = whole('TORCHELASTIC_RESTART_COUNT', 0, maxRanks, 0)
  if (issues.length > 0) throw rankEnvironmentInvalid(issues)
  return { rank, worldSize, localRank, localWorldSize, masterAddr, masterPort, storeElsewhere, attempt }
}

const maxRanks = 65536

const said = (env: Environment, name: string): boolean => Boolean(env[name])

/** Names of the variables; the first naming in use applies. */
interface Naming {
  readonly rank: string
  readonly worldSize: string
  readonly localRank: string
  readonly localWorldSize: string
  readonly masterAddr: readonly string[]
  readonly masterPort: string
  /** The default port. */
  usualPort?(env: Environment): number | undefined
}

const namings: readonly Naming[] = [
  {
    rank: 'RANK',
    worldSize: 'WORLD_SIZE',
    localRank: 'LOCAL_RANK',
    localWorldSize: 'LOCAL_WORLD_SIZE',
    masterAddr: ['MASTER_ADDR'],
    masterPort: 'MASTER_PORT',
  },
  // Kubeflow Trainer sets node ranks, not process ranks.
  {
    rank: 'PET_NODE_RANK',
    worldSize: 'PET_NNODES',
    localRank: 'LOCAL_RANK',
    localWorldSize: 'LOCAL_WORLD_SIZE',
    masterAddr: ['PET_MASTER_ADDR'],
    masterPort: 'PET_MASTER_PORT',
  },
  {
    rank: 'SLURM_PROCID',
    worldSize: 'SLURM_NTASKS',
    localRank: 'SLURM_LOCALID',
    localWorldSize: 'SLURM_NTASKS_PER_NODE',
    masterAddr: ['MASTER_ADDR', 'SLURM_LAUNCH_NODE_IPADDR'],
    masterPort: 'MASTER_PORT',
    usualPort: slurmPort,
  },
]

/** The same for all tasks of a job, and another for another job on the same machine. */
function slurmPort({ SLURM_JOB_ID }: Environment): number | undefined {
  return /^\d{1,15}$/.test(SLURM_JOB_ID ?? '') ? 15_000 + (Number(SLURM_JOB_ID) % 20_000) : undefined
}
