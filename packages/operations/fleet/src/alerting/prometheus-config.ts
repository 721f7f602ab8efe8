/**
 * `prometheus.yml`: scrape targets and intervals, rules, and Alertmanagers. Targets are fixed addresses, as on one machine, or a
 * deployment's pods, found by annotations. Keys are in files that Prometheus reads.
 */

import { stringify } from 'yaml'
import type { Deployment } from '../deployment/deployment.ts'
import { promDuration } from '../rules/prom-duration.ts'

export interface PrometheusPlan {
  readonly scrape: readonly ScrapeTarget[] | Pick<Deployment, 'name' | 'namespace'>
  /** Paths or patterns of files, from the folder of the config. */
  readonly ruleFiles: readonly string[]
  /** `127.0.0.1:9093`. */
  readonly alertmanagers: readonly string[]
  readonly scrapeIntervalMillis: number
  readonly evaluationIntervalMillis: number
}

/** An address with metrics. */
export interface ScrapeTarget {
  /** Label `job` of all its series. */
  readonly job: string
  /** URL of `/metrics` or its equivalent: `http://127.0.0.1:8080/metrics`. */
  readonly url: string
  /** The file with a key that is sent as `Authorization: Bearer`. */
  readonly keyFile?: string | undefined
  /** The file with the certificate that signed the target's. */
  readonly caFile?: string | undefined
}

/**
 * Text of a file that `promtool check config` accepts.
 *
 * @example
 * ```ts
 * import { prometheusConfig } from '@hadal/fleet'
 *
 * const text = prometheusConfig({
 *   scrape: [{ job: 'hadal', url: 'http://localhost:8080/metrics' }],
 *   ruleFiles: ['rules.yaml'],
 *   alertmanagers: ['localhost:9093'],
 *   scrapeIntervalMillis: 15_000,
 *   evaluationIntervalMillis: 15_000,
 * })
 * text.includes('scrape_configs:') // → true
 * ```
 */
export function prometheusConfig(plan: PrometheusPlan): string {
  const { scrape, ruleFiles, alertmanagers, scrapeIntervalMillis, evaluationIntervalMillis } = plan
  const config = {
    global: {
      scrape_interval: promDuration(scrapeIntervalMillis),
      scrape_timeout: promDuration(Math.min(scrapeIntervalMillis, 10_000)),
      evaluation_interval: promDuration(evaluationIntervalMillis),
    },
    rule_files: ruleFiles,
    ...(alertmanagers.length > 0 && {
      alerting: { alertmanagers: [{ static_configs: [{ targets: alertmanagers }] }] },
    }),
    scrape_configs: 'name' in scrape ? [podsOf(scrape)] : staticJobs(scrape),
  }
  const head = '# Rendered by `hadal monitor`; change the config file instead of this file.\n'
  return head + stringify(config, { lineWidth: 0, aliasDuplicateObjects: false })
}

/** One entry for each target: two of one job may need different keys, and an entry's name must be its own. */
function staticJobs(targets: readonly ScrapeTarget[]): object[] {
  return targets.map(({ job, url, keyFile, caFile }, at) => {
    const { protocol, host, pathname, searchParams } = new URL(url)
    const params = Object.fromEntries([...searchParams.keys()].map((key) => [key, searchParams.getAll(key)]))
    return {
      job_name: targets.findIndex((other) => other.job === job) === at ? job : `${job}-${at}`,
      scheme: protocol.slice(0, -1),
      metrics_path: pathname,
      ...(searchParams.size > 0 && { params }),
      ...(keyFile !== undefined && { authorization: { type: 'Bearer', credentials_file: keyFile } }),
      ...(caFile !== undefined && { tls_config: { ca_file: caFile } }),
      static_configs: [{ targets: [host], labels: { job } }],
    }
  })
}

const annotation = '__meta_kubernetes_pod_annotation_prometheus_io_'
const label = '__meta_kubernetes_pod_label_app_kubernetes_io_'

/** The pods of one deployment, where their annotations say. Rules choose by `namespace` and `pod`. */
function podsOf({ name, namespace }: Pick<Deployment, 'name' | 'namespace'>): object {
  return {
    job_name: name,
    kubernetes_sd_configs: [
      {
        role: 'pod',
        namespaces: { names: [namespace] },
        selectors: [{ role: 'pod', label: `app.kubernetes.io/instance=${name}` }],
      },
    ],
    relabel_configs: [
      { source_labels: [`${annotation}scrape`], regex: 'true', action: 'keep' },
      // Pods with several ports make the same target several times, which Prometheus reads once.
      {
        source_labels: ['__address__', `${annotation}port`],
        regex: '(\\[.+\\]|[^:]+)(?::\\d+)?;(\\d+)',
        replacement: '$1:$2',
        target_label: '__address__',
      },
      {
        source_labels: ['__meta_kubernetes_pod_phase'],
        regex: 'Failed|Succeeded',
        action: 'drop',
      },
      {
        source_labels: [`${annotation}scheme`],
        regex: '(https?)',
        target_label: '__scheme__',
      },
      { source_labels: [`${annotation}path`], regex: '(.+)', target_label: '__metrics_path__' },
      { source_labels: ['__meta_kubernetes_namespace'], target_label: 'namespace' },
      { source_labels: ['__meta_kubernetes_pod_name'], target_label: 'pod' },
      { source_labels: [`${label}component`], target_label: 'component' },
    ],
  }
}
