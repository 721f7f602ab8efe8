/** The environment that a rank is started with. Pure. */

import type { RankEnvironment } from '@hadal/train'

export type Environment = Readonly<Record<string, string | undefined>>

/** Existing variables take precedence: threads, and gloo's network interface. */
export function environmentOf(
  place: RankEnvironment,
  env: Environment,
  { cores, saysThreads, isLinux }: { cores: number; saysThreads: boolean; isLinux: boolean },
): Record<string, string | undefined> {
  const threads = saysThreads ? undefined : String(Math.max(1, Math.floor(cores / place.localWorldSize)))
  const loopback = place.masterAddr === '127.0.0.1' ? (isLinux ? 'lo' : 'lo0') : undefined
  return {
    ...(threads !== undefined && { OMP_NUM_THREADS: threads }),
    ...(loopback !== undefined && { GLOO_SOCKET_IFNAME: loopback }),
    ...env,
    RANK: String(place.rank),
    WORLD_SIZE: String(place.worldSize),
    LOCAL_RANK: String(place.localRank),
    LOCAL_WORLD_SIZE: String(place.localWorldSize),
    MASTER_ADDR: place.masterAddr,
    MASTER_PORT: String(place.masterPort),
    TORCHELASTIC_RESTART_COUNT: String(place.attempt),
  }
}
