/** Everything of one deployment, a file for each kind of thing, in the order in which a cluster has to get it. */

import { autoscalerOf } from '../autoscale/autoscaler-of.ts'
import {
  hasScaler,
  scalerAccess,
  scalerConfigMap,
  scalerDeployment,
  scalerMonitor,
} from '../autoscale/scaler-manifests.ts'
import { scalerName } from '../autoscale/scaler-plan.ts'
import type { Deployment, EnginePlan } from '../deployment/deployment.ts'
import type { Manifest } from '../manifest.ts'
import { asksKubernetes, engineAccess, gatewayAccess } from './access.ts'
import { configMap } from './config-map.ts'
import { disruptionBudget } from './disruption.ts'
import { engineDeployment } from './engine-deployment.ts'
import { engineGroup } from './engine-group.ts'
import { type Extras, type ExtrasOf, noExtras } from './extras.ts'
import { gatewayDeployment } from './gateway-deployment.ts'
import { ingressOf } from './ingress.ts'
import { engineLabelsOf, engineSelectorOf, labelsOf, selectorOf } from './labels.ts'
import { modelClaims } from './model-claims.ts'
import { dashboardConfigMaps, prometheusRule, serviceMonitors } from './monitoring.ts'
import { namespaceOf } from './namespace.ts'
import { networkPolicies } from './network.ts'
import { engineService, gatewayService } from './services.ts'

export interface ManifestFile {
  /** `gateway-deployment.yaml`. */
  readonly name: string
  /** Comment above it. */
  readonly about: string
  readonly manifests: readonly Manifest[]
}

/**
 * Every object, as it is applied.
 *
 * @example
 * ```ts
 * import { deployment } from './my-deployment.ts' // of planDeployment
 * import { manifestsOf } from '@hadal/fleet'
 *
 * manifestsOf(deployment).some(({ kind }) => kind === 'Deployment') // → true
 * ```
 */
export function manifestsOf(deployment: Deployment, extrasOf: ExtrasOf = noExtras): readonly Manifest[] {
  return manifestFilesOf(deployment, extrasOf).flatMap(({ manifests }) => manifests)
}

export function manifestFilesOf(
  deployment: Deployment,
  extrasOf: ExtrasOf = noExtras,
): readonly ManifestFile[] {
  const extras = extrasOf(deployment)
  return [
    file(
      'namespace',
      'The namespace; its pods meet the pod security standard `restricted`.',
      namespaceOf(deployment),
    ),
    ...gatewayFiles(deployment),
    file('engine-access', 'Engines do not call the API server.', engineAccess(deployment)),
    file('engine-weights', 'Volumes for weights.', modelClaims(deployment)),
    ...deployment.engines.flatMap((engine) => engineFiles(deployment, engine)),
    ...scalerFiles(deployment),
    file(
      'network',
      [
        'All traffic is denied except what is listed here, if the cluster network enforces NetworkPolicies.',
        'Policies cannot use host names: an upstream, the hub and a database are allowed by port.',
      ].join('\n'),
      networkPolicies(deployment),
    ),
    ...monitoringFiles(deployment, extras),
  ].filter(({ manifests }) => manifests.length > 0)
}

const file = (name: string, about: string, manifests: readonly Manifest[]): ManifestFile => ({
  name: `${name}.yaml`,
  about,
  manifests,
})

function gatewayFiles(deployment: Deployment): readonly ManifestFile[] {
  const { gateway, secretName } = deployment
  const selector = selectorOf(deployment, 'gateway')
  const labels = labelsOf(deployment, selector)
  const may = asksKubernetes(deployment)
    ? 'The API permissions of gateways: list engine endpoints, nothing else.'
    : 'Gateways do not call the API server.'
  return [
    file('gateway-access', may, gatewayAccess(deployment)),
    file(
      'gateway-config',
      `The config of gateways. Keys and passwords come from the Secret ${secretName}, which is not rendered.`,
      [configMap(deployment, { owner: gateway.name, labels, config: gateway.config })],
    ),
    file('gateway-deployment', 'Guard, keys and routing in front of the engines.', [
      gatewayDeployment(deployment),
    ]),
    file('gateway-service', 'The address of the service.', [gatewayService(deployment)]),
    file('gateway-ingress', 'External access to the service.', ingressOf(deployment)),
    file(
      'gateway-disruption',
      'A node drain evicts one gateway at a time and is never blocked permanently.',
      [disruptionBudget(deployment, { name: gateway.name, labels, selector })],
    ),
  ]
}

function engineFiles(deployment: Deployment, engine: EnginePlan): readonly ManifestFile[] {
  const { name, modelId, config, nodes } = engine
  // `hadal-engine-qwen` of the service `hadal` is `engine-qwen`.
  const short = name.startsWith(`${deployment.name}-`) ? name.slice(deployment.name.length + 1) : name
  const labels = engineLabelsOf(deployment, engine)
  const selector = engineSelectorOf(deployment, engine)
  const scaler = autoscalerOf(deployment, engine)
  const configs = config === undefined ? [] : [configMap(deployment, { owner: name, labels, config })]
  const workload = nodes > 1 ? engineGroup(deployment, engine) : engineDeployment(deployment, engine)
  return [
    file(`${short}-config`, `The config of ${modelId} engines.`, configs),
    file(`${short}-${nodes > 1 ? 'group' : 'deployment'}`, `Runs ${modelId}.`, [workload]),
    file(`${short}-service`, 'Gateways find the ready engines here.', [engineService(deployment, engine)]),
    file(
      `${short}-disruption`,
      'A node drain evicts one engine at a time and is never blocked permanently.',
      [disruptionBudget(deployment, { name, labels, selector })],
    ),
    ...(scaler === undefined ? [] : [file(`${short}-autoscaler`, scaler.about, [scaler.manifest])]),
  ]
}

function scalerFiles(deployment: Deployment): readonly ManifestFile[] {
  if (!hasScaler(deployment)) return []
  const selector = selectorOf(deployment, 'scaler')
  const labels = labelsOf(deployment, selector)
  return [
    file(
      'scaler-access',
      'The API permissions of the scaler: read and set the number of engines.',
      scalerAccess(deployment),
    ),
    file('scaler-config', 'The settings of the scaler: bounds, thresholds and Prometheus queries.', [
      scalerConfigMap(deployment),
    ]),
    file(
      'scaler-deployment',
      'Scales the engines and reports why: `hadal scale status`. Two replicas, one of which is the leader.',
      [scalerDeployment(deployment)],
    ),
    file('scaler-disruption', 'A node drain evicts one scaler at a time and is never blocked permanently.', [
      disruptionBudget(deployment, { name: scalerName(deployment), labels, selector }),
    ]),
  ]
}

function monitoringFiles(deployment: Deployment, extras: Extras): readonly ManifestFile[] {
  return [
    file('monitoring-scrape', 'The scrape targets for the Prometheus operator.', [
      ...serviceMonitors(deployment),
      ...(hasScaler(deployment) ? scalerMonitor(deployment) : []),
    ]),
    file(
      'monitoring-rules',
      'Recording and alerting rules, generated from `slo`.',
      prometheusRule(deployment, extras),
    ),
    file(
      'monitoring-dashboards',
      'Dashboards for the Grafana sidecar.',
      dashboardConfigMaps(deployment, extras),
    ),
  ]
}
