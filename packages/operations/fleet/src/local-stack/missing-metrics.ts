/** Checks that all metrics used in a deployment's rules and dashboards are exported. */

import { parseMetricsText } from '@hadal/protocol'
import { dashboardQueries } from '../dashboards/dashboards-of.ts'
import type { Deployment } from '../deployment/deployment.ts'
import { checkMetricNames, type MissingName } from '../rules/check-metric-names.ts'
import { dcgmMetrics } from '../rules/pinned/dcgm.ts'
import type { KnownMetric } from '../rules/pinned/known-metric.ts'
import { kubeStateMetrics } from '../rules/pinned/kube-state.ts'
import { ourMetrics, recordedMetrics, scrapeMetrics } from '../rules/pinned/ours.ts'
import { sglangMetrics } from '../rules/pinned/sglang.ts'
import { vllmMetrics } from '../rules/pinned/vllm.ts'
import { rulesOf } from '../rules/rules-of.ts'

/**
 * Compares with our own tables and pinned lists of others. `live` is what a server answers at `/metrics`: then only those of
 * ours that it has count. Metrics of training come from runs, and are never expected of a server.
 *
 * @internal
 */
export function missingMetrics(deployment: Deployment, live?: string): readonly MissingName[] {
  const groups = rulesOf(deployment)
  const rules = groups.groups.flatMap((group) => group.rules.map(({ expr }) => expr))
  const there = live === undefined ? undefined : parseMetricsText(live).kinds
  const isThere = ({ name }: KnownMetric): boolean =>
    there === undefined || there.has(name) || name.startsWith('hadal_train_')
  const kinds = new Set(deployment.engines.map(({ kind }) => kind))
  const known = [
    ...ourMetrics.filter(isThere),
    ...scrapeMetrics,
    ...recordedMetrics(groups),
    ...dcgmMetrics.metrics,
    ...kubeStateMetrics.metrics,
    ...(kinds.has('vllm') ? vllmMetrics.metrics : []),
    ...(kinds.has('sglang') ? sglangMetrics.metrics : []),
  ]
  return checkMetricNames([...new Set([...rules, ...dashboardQueries(deployment)])], known)
}
