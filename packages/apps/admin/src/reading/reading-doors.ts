/** The doors that read: deployments, scaling, alerts, logs. All that takes time is done in threads; answers stay as they are asked. */

import type { Terminal } from '@hadal/output'
import type { ScalerStatus } from '@hadal/scaling'
import type { AlertsDoor, DeployDoor, DoctorDoor, ScalingDoor } from '@hadal/server'
import { hasCluster } from './has-cluster.ts'
import { ReadingThread } from './reading-thread.ts'

export interface ReadingDoorsOptions {
  readonly terminal: Pick<Terminal, 'env' | 'folder'>
  /** The files that settings can be read from; one where somebody named it. */
  readonly configFiles: readonly string[]
  /** Of this server's own replicas, where their number follows the load. */
  readonly decisions: (() => ScalerStatus) | undefined
  /** P99 that somebody promised. */
  readonly sloMillis: () => number | undefined
}

export interface ReadingDoors extends AsyncDisposable {
  readonly deploy: DeployDoor
  readonly scaling: ScalingDoor
  readonly alerts: AlertsDoor
  readonly doctor: DoctorDoor
}

/** A config file loads within 15 s, or never. */
const renderMillis = 30_000
/** An API server that is slow to say no: a dry run for each object. */
const clusterMillis = 60_000
const textMillis = 20_000

export function readingDoors({
  terminal,
  configFiles,
  decisions,
  sloMillis,
}: ReadingDoorsOptions): ReadingDoors {
  // What somebody pasted may take all of its time: nobody who looks at the deployment waits for that.
  const own = new ReadingThread({ ...terminal, maxMegabytes: 512 })
  const pasted = new ReadingThread({ ...terminal, maxMegabytes: 512 })
  const clusters = new ReadingThread({ ...terminal, maxMegabytes: 512 })
  const config = configFiles.length === 1 ? configFiles[0] : undefined
  return {
    deploy: {
      describe: (asked) => own.ask('describe', { ...asked, config }, renderMillis),
      file: (asked) => own.ask('file', { ...asked, config }, renderMillis),
      diff: (asked) =>
        asked.against === 'cluster'
          ? clusters.ask('diff', { ...asked, config }, clusterMillis)
          : own.ask('diff', { ...asked, config }, renderMillis),
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
