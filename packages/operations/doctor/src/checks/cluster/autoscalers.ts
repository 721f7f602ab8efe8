/** Checks of autoscalers and their metrics. */

import type { Capture } from '../../capture/capture.ts'
import type { Check, Verdict } from '../check.ts'
import type { ApiServiceObject, AutoscalerObject } from './cluster-objects.ts'
import {
  clusterList,
  concluded,
  conditionOf,
  countOf,
  judgeList,
  nameOf,
  namespaceOf,
  placeOf,
  short,
  unknown,
} from './cluster-readings.ts'

function autoscalers(capture: Capture): Verdict | readonly Verdict[] {
  const hpas = clusterList<AutoscalerObject>(capture, 'kubernetes-hpas', 'horizontalpodautoscalers')
  const scaled = clusterList<AutoscalerObject>(capture, 'kubernetes-scaledobjects', 'scaledobjects')
  if (hpas !== 'absent' && 'severity' in hpas) return hpas
  const ofKeda = scaled === 'absent' || 'severity' in scaled ? [] : scaled.items
  const ofHpa = hpas === 'absent' ? [] : hpas.items
  const cannotSee = scaled !== 'absent' && 'severity' in scaled ? [scaled] : []
  const isPartial = [hpas, scaled].some((list) => list !== 'absent' && 'isPartial' in list && list.isPartial)
  const count = ofHpa.length + ofKeda.length
  return concluded(
    {
      fine:
        count === 0
          ? 'the cluster has no autoscalers'
          : `${countOf(count, 'autoscaler receives its metrics', 'autoscalers receive their metrics')}`,
      verdicts: [...ofHpa.flatMap(hpaTroubles), ...ofKeda.flatMap(scaledObjectTroubles), ...cannotSee],
    },
    isPartial,
    'horizontalpodautoscalers',
  )
}

function hpaTroubles(hpa: AutoscalerObject): readonly Verdict[] {
  const command = `kubectl -n ${namespaceOf(hpa)} describe hpa ${nameOf(hpa)}`
  const conditions = hpa.status?.conditions
  const place = placeOf(hpa)
  const able = conditionOf(conditions, 'AbleToScale')
  if (able?.status === 'False')
    return [
      {
        severity: 'error',
        says: `${place} cannot scale: ${short(able.message ?? able.reason ?? '')}`,
        fix: { text: 'Check that its scale target exists.', command },
      },
    ]
  const active = conditionOf(conditions, 'ScalingActive')
  if (active?.status === 'False' && active.reason === 'ScalingDisabled')
    return [
      {
        severity: 'note',
        says: `${place} is disabled: its target has 0 replicas`,
        fix: {
          text: 'Scale the target to at least 1 replica, or use an autoscaler that supports scale to zero.',
          command,
        },
      },
    ]
  if (active?.status === 'False')
    return [
      {
        severity: 'error',
        says: `${place} cannot read its metrics (${active.reason ?? '?'}): ${short(active.message ?? '')}`,
        fix: metricsFix(active.reason ?? '', command),
      },
    ]
  if (active === undefined)
    return [
      unknown(`${place} does not report whether its metrics are available`, {
        text: 'Inspect its status and events.',
        command,
      }),
    ]
  const limited = conditionOf(conditions, 'ScalingLimited')
  if (limited?.status === 'True' && limited.reason === 'TooManyReplicas')
    return [
      {
        severity: 'note',
        says: `${place} is limited by its maximum of ${hpa.spec?.maxReplicas ?? '?'} replicas`,
        fix: { text: 'Raise scaling.maxReplicas if GPUs are available.', command },
      },
    ]
  return []
}

function metricsFix(reason: string, command: string): { readonly text: string; readonly command: string } {
  if (/External|Pods|Object/.test(reason))
    return {
      text: 'No adapter serves this metric. Configure prometheus-adapter or KEDA to serve it under exactly this name.',
      command: 'kubectl get --raw /apis/external.metrics.k8s.io/v1beta1',
    }
  if (/Resource/.test(reason))
    return {
      text: 'Check that metrics-server runs and that the pods request this resource.',
      command: 'kubectl top pods --all-namespaces',
    }
  return { text: 'Inspect its status and events.', command }
}

function scaledObjectTroubles(object: AutoscalerObject): readonly Verdict[] {
  const command = `kubectl -n ${namespaceOf(object)} describe scaledobject ${nameOf(object)}`
  const ready = conditionOf(object.status?.conditions, 'Ready')
  const fallback = conditionOf(object.status?.conditions, 'Fallback')
  const place = placeOf(object)
  if (ready === undefined || ready.status === 'Unknown')
    return [
      unknown(`${place} reports no readiness: KEDA may not be running`, {
        text: 'Check the KEDA operator.',
        command: 'kubectl get pods --all-namespaces | grep keda',
      }),
    ]
  if (ready.status === 'False')
    return [
      {
        severity: 'error',
        says: `${place} is not ready: ${short(ready.message ?? ready.reason ?? '')}`,
        fix: {
          text: 'Check that its Prometheus is reachable and that each query returns a single value.',
          command,
        },
      },
    ]
  if (fallback?.status === 'True')
    return [
      {
        severity: 'warning',
        says: `${place} cannot reach its metrics source and uses its fallback`,
        fix: { text: 'Check that its Prometheus is reachable.', command },
      },
    ]
  return []
}

/** Other servers that answer for a part of the API: of metrics, when autoscalers ask. */
const metricsApis = (capture: Capture): Verdict | readonly Verdict[] =>
  judgeList<ApiServiceObject>(capture, 'kubernetes-apiservices', 'apiservices', (objects) => {
    const metrics = objects.filter((object) => /metrics\.k8s\.io$/.test(nameOf(object)))
    if (metrics.length === 0)
      return {
        severity: 'note',
        says: 'no metrics API is installed: HorizontalPodAutoscalers and `kubectl top` have no metrics',
        fix: {
          text: 'Install metrics-server if anything scales by CPU or memory.',
          command: 'kubectl get apiservices | grep metrics',
        },
      }
    return {
      fine: `${metrics.map(nameOf).slice(0, 4).join(', ')} ${metrics.length === 1 ? 'answers' : 'answer'}`,
      verdicts: metrics.flatMap((object): readonly Verdict[] => {
        const available = conditionOf(object.status?.conditions, 'Available')
        const command = `kubectl describe apiservice ${nameOf(object)}`
        if (available === undefined)
          return [
            unknown(`${nameOf(object)} does not report whether it is available`, {
              text: 'Inspect it.',
              command,
            }),
          ]
        if (available.status === 'True') return []
        return [
          {
            severity: 'error',
            says: `${nameOf(object)} is unavailable: ${short(available.message ?? available.reason ?? '')}`,
            fix: { text: 'Check the Service and pods behind this API.', command },
          },
        ]
      }),
    }
  })

export const autoscalerChecks: readonly Check[] = [
  {
    id: 'cluster-autoscalers',
    group: 'cluster',
    title: 'Autoscalers',
    reads: ['kubernetes-hpas', 'kubernetes-scaledobjects'],
    verdict: autoscalers,
    source: 'Kubernetes, HorizontalPodAutoscaler: status conditions',
  },
  {
    id: 'cluster-metrics',
    group: 'cluster',
    title: 'Metrics APIs',
    reads: ['kubernetes-apiservices'],
    verdict: metricsApis,
    source: 'Kubernetes, Resource metrics pipeline',
  },
]
