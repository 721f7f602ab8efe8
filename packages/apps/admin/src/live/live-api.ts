/** Data of the live page: SLO, processes and GPUs. */

import type { Service } from '@hadal/config'
import { openGpuReader } from '@hadal/probes'
import type { LiveApi } from '@hadal/server'
import { readProcess } from './read-process.ts'

export function openLiveApi(
  service: () => Pick<Service, 'slo' | 'sloTtftMillis' | 'sloItlMillis'>,
): LiveApi {
  const gpus = openGpuReader()
  return {
    slo() {
      const { slo, sloTtftMillis, sloItlMillis } = service()
      const ttftMillis = slo.ttftMillis ?? sloTtftMillis
      return {
        e2eMillis: slo.latencyMillis,
        ...(ttftMillis !== undefined && { ttftMillis }),
        ...(sloItlMillis !== undefined && { itlMillis: sloItlMillis }),
      }
    },
    async readings(pids) {
      const processes = await Promise.all(pids.map(readProcess))
      return { processes: processes.flatMap((reading) => reading ?? []), gpus: gpus.now() }
    },
  }
}
