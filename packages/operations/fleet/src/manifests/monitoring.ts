/** Discovery of the service, its rules and dashboards by the Prometheus operator and Grafana's sidecar. */

import type { Deployment } from '../deployment/deployment.ts'
import type { Manifest } from '../manifest.ts'
import type { Extras } from './extras.ts'
import { engineSelectorOf, type Labels, labelsOf, nameWith, selectorOf } from './labels.ts'

const operator = 'monitoring.coreos.com/v1'

/** One for the gateways and one for each engine. */
export function serviceMonitors(deployment: Deployment): readonly Manifest[] {
  if (deployment.monitoring.how !== 'operator') return []
  const { gateway, engines } = deployment
  return [
    serviceMonitor(deployment, gateway.name, selectorOf(deployment, 'gateway')),
    ...engines.map((engine) => serviceMonitor(deployment, engine.name, engineSelectorOf(deployment, engine))),
  ]
}

function serviceMonitor(deployment: Deployment, name: string, selector: Labels): Manifest {
  const { namespace, monitor } = deployment
  const { scrapeIntervalMillis } = monitor
  return {
    apiVersion: operator,
    kind: 'ServiceMonitor',
    metadata: { name, namespace, labels: chosenLabels(deployment) },
    spec: {
      selector: { matchLabels: selector },
      endpoints: [
        {
          port: 'http',
          path: '/metrics',
          interval: duration(scrapeIntervalMillis),
          // Prometheus refuses one that is longer than the interval.
          scrapeTimeout: duration(Math.min(10_000, scrapeIntervalMillis)),
        },
      ],
    },
  }
}

const duration = (millis: number): string =>
  millis % 1000 === 0 ? `${millis / 1000}s` : `${Math.round(millis)}ms`

export function prometheusRule(deployment: Deployment, { rules }: Extras): readonly Manifest[] {
  if (deployment.monitoring.how !== 'operator' || rules === undefined) return []
  return [
    {
      apiVersion: operator,
      kind: 'PrometheusRule',
      metadata: {
        name: deployment.name,
        namespace: deployment.namespace,
        labels: chosenLabels(deployment),
      },
      spec: { groups: rules.groups },
    },
  ]
}

/** Each in a separate ConfigMap, which Grafana's sidecar finds by its label. */
export function dashboardConfigMaps(
  deployment: Deployment,
  { dashboards = [] }: Extras,
): readonly Manifest[] {
  if (deployment.monitoring.how === 'none') return []
  return dashboards.map(({ name, json }) => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: {
      name: nameWith(deployment.name, `dashboard-${name}`),
      namespace: deployment.namespace,
      labels: { ...chosenLabels(deployment), grafana_dashboard: '1' },
    },
    data: { [`${deployment.name}-${name}.json`]: json.endsWith('\n') ? json : `${json}\n` },
  }))
}

/** The operator and Grafana select what they read by cluster-specific labels. */
const chosenLabels = (deployment: Deployment): Labels => ({
  ...labelsOf(deployment),
  ...deployment.monitoring.labels,
})
