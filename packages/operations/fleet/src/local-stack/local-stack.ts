/**
 * Prometheus and Alertmanager on one machine, without a cluster: their files and command lines. Pure; the `hadal` command starts
 * them.
 */

import { prometheusConfig, type ScrapeTarget } from '../alerting/prometheus-config.ts'
import type { Deployment } from '../deployment/deployment.ts'
import type { RenderedFile } from '../manifest.ts'
import { promDuration } from '../rules/prom-duration.ts'
import { grafanaProvisioning } from './grafana-provisioning.ts'
import { watchFiles } from './monitoring-files.ts'

export interface LocalPlace {
  /** Absolute path of the folder that the files are written to, and where data is kept. */
  readonly folder: string
  /** The server, and what else is to be read. */
  readonly targets: readonly ScrapeTarget[]
  /** Whether a DCGM exporter is among them: without one, there are no GPU metrics and no queries for them. */
  readonly hasGpus: boolean
  /** Loopback addresses with ports: `127.0.0.1:9090`. */
  readonly prometheus: string
  readonly alertmanager: string
  readonly retentionMillis: number
}

export interface LocalStack {
  readonly files: readonly RenderedFile[]
  readonly prometheusArguments: readonly string[]
  readonly alertmanagerArguments: readonly string[]
}

/** Data of Prometheus on a disk that others use, too. */
const maxData = '2GB'

/** @internal */
export function localStack(deployment: Deployment, place: LocalPlace): LocalStack {
  const { folder, targets, prometheus, alertmanager, retentionMillis } = place
  const { scrapeIntervalMillis, evaluationIntervalMillis = 15_000 } = deployment.monitor
  const local = localDeployment(deployment, place)
  const config = prometheusConfig({
    scrape: targets,
    ruleFiles: ['rules/rules.yaml'],
    alertmanagers: [alertmanager],
    scrapeIntervalMillis,
    evaluationIntervalMillis,
  })
  return {
    files: [
      ...watchFiles(local),
      { path: 'prometheus.yml', text: config },
      ...grafanaProvisioning(deployment.name, `http://${prometheus}`, `${folder}/dashboards`),
    ],
    prometheusArguments: [
      `--config.file=${folder}/prometheus.yml`,
      `--storage.tsdb.path=${folder}/prometheus`,
      `--storage.tsdb.retention.time=${promDuration(retentionMillis)}`,
      `--storage.tsdb.retention.size=${maxData}`,
      `--web.listen-address=${prometheus}`,
      `--web.external-url=http://${prometheus}/`,
      // Alerts with a longer `for` keep their pending time across restarts; ten minutes is usual.
      '--rules.alert.for-grace-period=30s',
    ],
    alertmanagerArguments: [
      `--config.file=${folder}/alertmanager.yml`,
      `--storage.path=${folder}/alertmanager`,
      `--web.listen-address=${alertmanager}`,
      `--web.external-url=http://${alertmanager}/`,
      // One alone: else it listens for others on all addresses.
      '--cluster.listen-address=',
    ],
  }
}

/**
 * One server that computes itself what engines compute in a cluster: series have no labels of Kubernetes, so no rule may choose by
 * them, and runbooks are files alongside the rules.
 *
 * @internal
 */
export function localDeployment(
  deployment: Deployment,
  { folder, hasGpus }: Pick<LocalPlace, 'folder' | 'hasGpus'>,
): Deployment {
  const { monitor, monitoring, gateway, engines } = deployment
  const runbookUrl = monitor.runbookUrl === 'runbooks' ? `${folder}/runbooks` : monitor.runbookUrl
  const { models } = gateway.config
  return {
    ...deployment,
    gateway: {
      ...gateway,
      config: { ...gateway.config, models: Array.isArray(models) ? models.filter(isElsewhere) : [] },
    },
    engines: engines.map((engine) => ({
      ...engine,
      kind: 'llama',
      gpus: hasGpus ? Math.max(1, engine.gpus) : 0,
    })),
    scaling: { ...deployment.scaling, autoscaler: 'none' },
    monitor: { ...monitor, runbookUrl, gpuPodLabel: '' },
    monitoring: { ...monitoring, how: 'none' },
  }
}

/** Models of an upstream that does not depend on where this service runs. */
function isElsewhere(model: unknown): boolean {
  const { upstream } = model as { upstream?: { discover?: object } }
  return upstream !== undefined && upstream.discover === undefined
}
