/** Metrics of kube-state-metrics for rules and dashboards: those documented as stable. */

import { metricsOf, type PinnedMetrics } from './known-metric.ts'

const ofPod = ['namespace', 'pod', 'uid']
const ofDeployment = ['namespace', 'deployment']
const ofScaler = ['namespace', 'horizontalpodautoscaler']

export const kubeStateMetrics: PinnedMetrics = {
  from: 'kube-state-metrics',
  source: 'github.com/kubernetes/kube-state-metrics docs/metrics/workload',
  version: '2.13',
  metrics: [
    ...metricsOf('gauge', [...ofPod, 'phase'], ['kube_pod_status_phase']),
    ...metricsOf('gauge', [...ofPod, 'condition'], ['kube_pod_status_ready', 'kube_pod_status_scheduled']),
    ...metricsOf('counter', [...ofPod, 'container'], ['kube_pod_container_status_restarts_total']),
    ...metricsOf(
      'gauge',
      [...ofDeployment, 'condition', 'status', 'reason'],
      ['kube_deployment_status_condition'],
    ),
    ...metricsOf('gauge', ofDeployment, [
      'kube_deployment_spec_replicas',
      'kube_deployment_status_replicas',
      'kube_deployment_status_replicas_ready',
      'kube_deployment_status_replicas_available',
      'kube_deployment_status_replicas_unavailable',
      'kube_deployment_status_replicas_updated',
      'kube_deployment_status_observed_generation',
      'kube_deployment_metadata_generation',
    ]),
    ...metricsOf('gauge', ofScaler, [
      'kube_horizontalpodautoscaler_spec_max_replicas',
      'kube_horizontalpodautoscaler_spec_min_replicas',
      'kube_horizontalpodautoscaler_status_current_replicas',
      'kube_horizontalpodautoscaler_status_desired_replicas',
    ]),
    ...metricsOf(
      'gauge',
      [...ofScaler, 'condition', 'status'],
      ['kube_horizontalpodautoscaler_status_condition'],
    ),
  ],
}
