/** Operation implementations with real threads and jobs, and a fake cluster from a kubeconfig. */

import { openJobs, readingApis } from '@hadal/admin'
import { programEntry, silentLogger } from '@hadal/base'
import type { ScalerStatus } from '@hadal/scaling'
import type { Operations } from '@hadal/server'
import { type FakeCluster, fakeCluster } from './fake-cluster.ts'

export type { KeptDecision, ScalerStatus } from '@hadal/scaling'

export interface OperationsApis extends AsyncDisposable {
  /** Config files are looked up in its folder. */
  readonly cluster: FakeCluster
  readonly operations: Operations
}

/** `status` is this server's decision for its own replicas. */
export async function operationsApis(status: ScalerStatus, sloMillis: number): Promise<OperationsApis> {
  const cluster = await fakeCluster()
  const { folder } = cluster
  const env = { ...cluster.terminal.env, HOME: folder, PATH: process.env.PATH }
  const apis = readingApis({
    terminal: { folder, env },
    configFiles: [],
    decisions: () => status,
    sloMillis: () => sloMillis,
  })
  const jobs = openJobs({
    program: programEntry(import.meta.url, '../src/job-main'),
    shared: { settingArgs: [], configArgs: [] },
    env,
    folder,
    logger: silentLogger,
  })
  const { deploy, scaling, alerts, doctor } = apis
  return {
    cluster,
    operations: { deploy, scaling, alerts, doctor, jobs },
    async [Symbol.asyncDispose]() {
      await jobs[Symbol.asyncDispose]()
      await apis[Symbol.asyncDispose]()
      await cluster[Symbol.asyncDispose]()
    },
  }
}
