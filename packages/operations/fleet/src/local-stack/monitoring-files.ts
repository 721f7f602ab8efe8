/** Everything that watches a deployment, as files: rules with their tests, runbooks, routes, dashboards. */

import { alertmanagerConfig } from '../alerting/alertmanager-config.ts'
import { prometheusConfig } from '../alerting/prometheus-config.ts'
import { dashboardsOf } from '../dashboards/dashboards-of.ts'
import type { Deployment } from '../deployment/deployment.ts'
import type { RenderedFile } from '../manifest.ts'
import { ruleFile } from '../rules/rule-groups.ts'
import { ruleTestsOf } from '../rules/rule-tests.ts'
import { rulesOf } from '../rules/rules-of.ts'
import { runbooks } from '../rules/runbooks/runbooks.ts'

/** Those that are the same wherever Prometheus and Alertmanager stand. */
export function watchFiles(deployment: Deployment): readonly RenderedFile[] {
  return [
    { path: 'rules/rules.yaml', text: ruleFile(rulesOf(deployment)) },
    { path: 'rules/rules-test.yaml', text: ruleTestsOf(deployment) },
    { path: 'alertmanager.yml', text: alertmanagerConfig(deployment) },
    ...runbooks(),
    ...dashboardsOf(deployment).map(({ name, json }) => ({ path: `dashboards/${name}.json`, text: json })),
  ]
}

/**
 * What `hadal monitor render` writes. `prometheus.yml` is among it where pods say with annotations where their metrics are:
 * the operator writes its own.
 *
 * @internal
 */
export function monitoringFiles(deployment: Deployment): readonly RenderedFile[] {
  const { monitor, monitoring } = deployment
  const files = watchFiles(deployment)
  if (monitoring.how !== 'annotations') return files
  const text = prometheusConfig({
    scrape: deployment,
    ruleFiles: ['rules/rules.yaml'],
    alertmanagers: [`alertmanager.${monitoring.namespace}.svc:9093`],
    scrapeIntervalMillis: monitor.scrapeIntervalMillis,
    evaluationIntervalMillis: monitor.evaluationIntervalMillis ?? 15_000,
  })
  return [...files, { path: 'prometheus.yml', text }]
}
