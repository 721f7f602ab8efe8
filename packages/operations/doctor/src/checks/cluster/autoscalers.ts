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
          ? 'there are no autoscalers'
          : `${countOf(count, 'autoscaler sees what it goes by', 'autoscalers see what they go by')}`,
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
        fix: { text: 'See that what it scales is there.', command },
      },
    ]
  const active = conditionOf(conditions, 'ScalingActive')
  if (active?.status === 'False' && active.reason === 'ScalingDisabled')
    return [
      {
        severity: 'note',
        says: `${place} does nothing: what it scales has 0 replicas`,
        fix: { text: 'Give it one, or let something that scales to zero do it.', command },
      },
    ]
  if (active?.status === 'False')
    return [
      {
        severity: 'error',
        says: `${place} sees no metrics (${active.reason ?? '?'}): ${short(active.message ?? '')}`,
        fix: metricsFix(active.reason ?? '', command),
      },
    ]
  if (active === undefined)
    return [
      unknown(`${place} does not say whether it sees its metrics`, { text: 'See what it says.', command }),
    ]
  const limited = conditionOf(conditions, 'ScalingLimited')
  if (limited?.status === 'True' && limited.reason === 'TooManyReplicas')
    return [
      {
        severity: 'note',
        says: `${place} wants more than its maximum of ${hpa.spec?.maxReplicas ?? '?'}`,
        fix: { text: 'Raise it (scaling.maxReplicas) where there are GPUs for it.', command },
      },
    ]
  return []
}

function metricsFix(reason: string, command: string): { readonly text: string; readonly command: string } {
  if (/External|Pods|Object/.test(reason))
    return {
      text: 'No adapter serves this metric: prometheus-adapter or KEDA has to, by this very name.',
      command: 'kubectl get --raw /apis/external.metrics.k8s.io/v1beta1',
    }
  if (/Resource/.test(reason))
    return {
      text: 'metrics-server does not serve it, or its pods request none of this resource.',
      command: 'kubectl top pods --all-namespaces',
    }
  return { text: 'See what it says.', command }
}

function scaledObjectTroubles(object: AutoscalerObject): readonly Verdict[] {
  const command = `kubectl -n ${namespaceOf(object)} describe scaledobject ${nameOf(object)}`
  const ready = conditionOf(object.status?.conditions, 'Ready')
  const fallback = conditionOf(object.status?.conditions, 'Fallback')
  const place = placeOf(object)
  if (ready === undefined || ready.status === 'Unknown')
    return [
      unknown(`${place} does not say whether it is ready: does KEDA run?`, {
        text: 'See its operator.',
        command: 'kubectl get pods --all-namespaces | grep keda',
      }),
    ]
  if (ready.status === 'False')
    return [
      {
        severity: 'error',
        says: `${place} is not ready: ${short(ready.message ?? ready.reason ?? '')}`,
        fix: { text: 'See that its Prometheus answers and its queries give one number each.', command },
      },
    ]
  if (fallback?.status === 'True')
    return [
      {
        severity: 'warning',
        says: `${place} gets no answer and keeps its fallback`,
        fix: { text: 'See that its Prometheus answers.', command },
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
        says: 'no server of metrics is installed: HorizontalPodAutoscalers see nothing, and `kubectl top` says nothing',
        fix: {
          text: 'Install metrics-server where something is to be scaled by CPU.',
          command: 'kubectl get apiservices | grep metrics',
        },
      }
    return {
      fine: `${metrics.map(nameOf).slice(0, 4).join(', ')} ${metrics.length === 1 ? 'answers' : 'answer'}`,
      verdicts: metrics.flatMap((object): readonly Verdict[] => {
        const available = conditionOf(object.status?.conditions, 'Available')
        const command = `kubectl describe apiservice ${nameOf(object)}`
        if (available === undefined)
          return [unknown(`${nameOf(object)} does not say whether it answers`, { text: 'See it.', command })]
        if (available.status === 'True') return []
        return [
          {
            severity: 'error',
            says: `${nameOf(object)} does not answer: ${short(available.message ?? available.reason ?? '')}`,
            fix: { text: 'See the server that is to answer.', command },
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
    title: 'Servers of metrics',
    reads: ['kubernetes-apiservices'],
    verdict: metricsApis,
    source: 'Kubernetes, Resource metrics pipeline',
  },
]
