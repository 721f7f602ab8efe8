/** Plans the number of engine processes per model on this machine, their resources, and the limiting factor. Pure. */

import { formatBytes } from '@hadal/base'

export interface ReplicasRequested {
  readonly replicas: number | 'auto'
  readonly minReplicas: number
  readonly maxReplicas: number | undefined
  /** Threads of each replica, if configured. */
  readonly threads: number | undefined
  readonly kvCacheBytes: number | undefined
  readonly weightBytes: number
  /** Whether the weights are mapped, so that all processes have the same pages. */
  readonly sharesWeights: boolean
}

export interface Machine {
  /** That this process may use. */
  readonly cores: number
  readonly freeBytes: number
}

export interface ReplicasPlan {
  readonly least: number
  readonly most: number
  /** Threads of each replica. */
  readonly threads: number
  /** What limits `most`, unless it is configured: `2 cores`. */
  readonly bound?: string
}

/** Node.js, libraries, buffers of a step: 150 to 250 MB in processes of small models. */
const processBytes = 256 * 1024 ** 2
/** Share of the free memory: the server and other programs need the rest. */
const usableShare = 0.9

/** A configured number is used unchanged. */
export function planReplicas(requested: ReplicasRequested, machine: Machine): ReplicasPlan {
  const { replicas, minReplicas, maxReplicas } = requested
  if (replicas !== 'auto')
    return { least: replicas, most: replicas, threads: requested.threads ?? shareOf(machine, replicas) }
  const wanted = maxReplicas ?? Number.POSITIVE_INFINITY
  const bounds = [
    { most: Math.floor(machine.cores / (requested.threads ?? 1)), why: countOf(machine.cores) },
    { most: fitting(requested, machine.freeBytes), why: `${formatBytes(machine.freeBytes)} of free memory` },
  ]
  const tightest = bounds.reduce((least, each) => (each.most < least.most ? each : least))
  const most = Math.max(1, Math.min(wanted, tightest.most))
  return {
    least: Math.min(most, Math.max(1, minReplicas)),
    most,
    threads: requested.threads ?? shareOf(machine, most),
    ...(tightest.most < wanted && { bound: tightest.why }),
  }
}

/** `1 to 2, for there are 2 cores`. */
export function describeReplicas({ least, most, bound }: ReplicasPlan): string {
  const range = least === most ? String(most) : `${least} to ${most}`
  return bound === undefined ? range : `${range}, limited by ${bound}`
}

const shareOf = ({ cores }: Machine, replicas: number): number => Math.max(1, Math.floor(cores / replicas))

const countOf = (cores: number): string => `${cores} ${cores === 1 ? 'core' : 'cores'}`

/** As many as memory allows. Without a setting, the KV cache is a share of free memory, which always fits. */
function fitting(
  { kvCacheBytes = 0, weightBytes, sharesWeights }: ReplicasRequested,
  freeBytes: number,
): number {
  const usable = freeBytes * usableShare - (sharesWeights ? weightBytes : 0)
  return Math.floor(usable / (processBytes + kvCacheBytes + (sharesWeights ? 0 : weightBytes)))
}
