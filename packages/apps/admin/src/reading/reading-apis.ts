/** Read-only operations: deployments, scaling, alerts, logs. Slow work runs in threads. */

import type { Terminal } from '@hadal/output'
import type { ScalerStatus } from '@hadal/scaling'
import type { AlertsApi, DeployApi, DoctorApi, ScalingApi } from '@hadal/server'
import { hasCluster } from './has-cluster.ts'
import { ReadingThread } from './reading-thread.ts'

export interface ReadingApisOptions {
  readonly terminal: Pick<Terminal, 'env' | 'folder'>
  /** Possible config files; a single one if set explicitly. */
  readonly configFiles: readonly string[]
  /** Autoscaling status of this server's own replicas, if enabled. */
  readonly decisions: (() => ScalerStatus) | undefined
  /** The P99 SLO. */
  readonly sloMillis: () => number | undefined
}

export interface ReadingApis extends AsyncDisposable {
  readonly deploy: DeployApi
  readonly scaling: ScalingApi
  readonly alerts: AlertsApi
  readonly doctor: DoctorApi
}

/** A config file loads within 15 s, or never. */
const renderMillis = 30_000
/** Allows for a slow API server: one dry run per object. */
const clusterMillis = 60_000
const textMillis = 20_000

export function readingApis({
  terminal,
  configFiles,
  decisions,
  sloMillis,
}: ReadingApisOptions): ReadingApis {
  // Pasted input may use up its time, so it runs in a separate thread from deployment queries.
  const own = new ReadingThread({ ...terminal, maxMegabytes: 512 })
  const pasted = new ReadingThread({ ...terminal, maxMegabytes: 512 })
  const clusters = new ReadingThread({ ...terminal, maxMegabytes: 512 })
  const config = configFiles.length === 1 ? configFiles[0] : undefined
  return {
    deploy: {
      describe: (requested) => own.ask('describe', { ...requested, config }, renderMillis),
      file: (requested) => own.ask('file', { ...requested, config }, renderMillis),
      diff: (requested) =>
        requested.against === 'cluster'
          ? clusters.ask('diff', { ...requested, config }, clusterMillis)
          : own.ask('diff', { ...requested, config }, renderMillis),
      lint: (given) => pasted.ask('lint', given, textMillis),
    },
    scaling: {
      async look({ from }) {
        const isPod = terminal.env.KUBERNETES_SERVICE_HOST !== undefined
        if (from === 'cluster' || (from === undefined && decisions === undefined && isPod))
          return clusters.ask('scaling', { config }, renderMillis)
        const slo = sloMillis()
        return {
          source: decisions === undefined ? 'none' : 'here',
          hasCluster: hasCluster(terminal),
          ...(decisions !== undefined && { status: decisions() }),
          ...(slo !== undefined && { sloMillis: slo }),
        }
      },
    },
    alerts: {
      look: () => own.ask('alerts', { config }, renderMillis),
      runbook: (alert) => own.ask('runbook', { alert }, renderMillis),
    },
    doctor: {
      explain: (given) => pasted.ask('explain', given, textMillis),
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([own, pasted, clusters].map((thread) => thread[Symbol.asyncDispose]()))
    },
  }
}
