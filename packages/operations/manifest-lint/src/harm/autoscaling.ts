/** Rules for autoscalers: two controlling one object, and settings without the apparent effect. */

import { nearest } from '@hadal/base'
import type { FactualRule } from '../rule-facts.ts'
import { listAt, numberAt, textAt, valueAt } from './read/values.ts'
import {
  allWorkloads,
  autoscalersOf,
  isSameNamespace,
  kindOf,
  named,
  nameOf,
  namespaceOf,
  ofKind,
  targetOf,
  titled,
  workloadsOf,
} from './read/workload.ts'

const replicasWithAutoscaler: FactualRule = {
  id: 'replicas_beside_autoscaler',
  severity: 'harmful',
  what: 'a fixed replica count on an object that an autoscaler scales',
  why: 'Every apply resets the count and kills pods that were added under load.',
  *find(object, context) {
    for (const workload of workloadsOf(object)) {
      const scaler = workload.saysReplicas ? autoscalersOf(workload, context)[0] : undefined
      if (scaler === undefined) continue
      yield {
        path: ['spec', 'replicas'],
        reason: `replicas: ${workload.replicas} is applied again each time, while ${named(scaler)} changes it`,
        fix: 'Remove spec.replicas; the minimum of the autoscaler sets the initial count.',
      }
      return
    }
  },
}

const twoAutoscalers: FactualRule = {
  id: 'two_autoscalers',
  severity: 'harmful',
  what: 'two autoscalers for one object',
  why: 'They undo each other’s changes. KEDA creates its own HorizontalPodAutoscaler from a ScaledObject.',
  *find(object, context) {
    if (!['HorizontalPodAutoscaler', 'ScaledObject'].includes(kindOf(object))) return
    const target = targetOf(object)
    const others = ofKind(context, 'HorizontalPodAutoscaler', 'ScaledObject').filter(
      (other) =>
        other !== object &&
        targetOf(other).kind === target.kind &&
        targetOf(other).name === target.name &&
        isSameNamespace(namespaceOf(other), namespaceOf(object)),
    )
    if (others.length === 0 || context.objects.indexOf(object) < context.objects.indexOf(others[0]!)) return
    yield {
      path: ['spec', 'scaleTargetRef'],
      reason: `${target.kind} ${target.name} is also scaled by ${named(others[0]!)}`,
      fix: `Keep either ${named(others[0]!)} or ${named(object)}; a ScaledObject also supports CPU and memory triggers.`,
    }
  },
}

const autoscalerOfNothing: FactualRule = {
  id: 'autoscaler_of_nothing',
  severity: 'harmful',
  what: 'an autoscaler whose target is missing',
  why: 'It reports FailedGetScale and changes nothing. Without a similar object in the manifests the target may be defined elsewhere; the finding is then advice.',
  *find(object, context) {
    if (!['HorizontalPodAutoscaler', 'ScaledObject'].includes(kindOf(object))) return
    const { kind, name } = targetOf(object)
    const known = ['Deployment', 'StatefulSet', 'ReplicaSet', 'LeaderWorkerSet']
    const there = ofKind(context, ...known).filter((each) =>
      isSameNamespace(namespaceOf(each), namespaceOf(object)),
    )
    if (!known.includes(kind) || there.some((each) => kindOf(each) === kind && nameOf(each) === name)) return
    const meant =
      there.find((each) => nameOf(each) === name) ??
      there.find((each) => nameOf(each) === nearest(name, there.map(nameOf)))
    yield {
      path: ['spec', 'scaleTargetRef', 'name'],
      reason: `${kind} ${name} does not exist here${meant === undefined ? '' : `, but ${named(meant)} does`}`,
      fix:
        meant === undefined
          ? `Make sure that ${kind} ${name} exists in the cluster.`
          : `scaleTargetRef: { apiVersion: ${textAt(meant.manifest, 'apiVersion')}, kind: ${kindOf(meant)}, name: ${nameOf(meant)} }`,
      ...(meant === undefined ? { severity: 'advice' as const } : {}),
    }
  },
}

const fixedAutoscaler: FactualRule = {
  id: 'autoscaler_without_range',
  severity: 'harmful',
  what: 'an autoscaler with equal minimum and maximum',
  why: 'It never scales, and hides that nothing does.',
  *find(object) {
    const { manifest } = object
    const isHpa = kindOf(object) === 'HorizontalPodAutoscaler'
    if (!isHpa && kindOf(object) !== 'ScaledObject') return
    const least = numberAt(manifest, 'spec', isHpa ? 'minReplicas' : 'minReplicaCount') ?? (isHpa ? 1 : 0)
    const maxField = isHpa ? 'maxReplicas' : 'maxReplicaCount'
    const most = numberAt(manifest, 'spec', maxField) ?? (isHpa ? undefined : 100)
    if (least !== most) return
    yield {
      path: ['spec', maxField],
      reason: `the minimum is ${least} and the maximum ${most}: there is no range to scale in`,
      fix: `${maxField}: ${Math.max(2, most * 2)}, or remove the autoscaler and set replicas: ${most}`,
    }
  },
}

const percentWithoutRequest: FactualRule = {
  id: 'percent_without_request',
  severity: 'harmful',
  what: 'a utilization target for a resource that the pods do not request',
  why: 'Utilization is relative to requests: without one the autoscaler reports FailedGetResourceMetric and changes nothing.',
  *find(object, context) {
    if (kindOf(object) !== 'HorizontalPodAutoscaler') return
    const target = targetOf(object)
    const workload = allWorkloads(context).find(
      ({ kind, name, namespace }) =>
        kind === target.kind && name === target.name && isSameNamespace(namespace, namespaceOf(object)),
    )
    if (workload === undefined) return
    for (const [at, metric] of listAt(object.manifest, 'spec', 'metrics').entries()) {
      const resource = textAt(metric, 'resource', 'name')
      if (resource === undefined || valueAt(metric, 'resource', 'target', 'averageUtilization') === undefined)
        continue
      const lacking = workload.containers.find(
        ({ fields }) =>
          valueAt(fields, 'resources', 'requests', resource) === undefined &&
          valueAt(fields, 'resources', 'limits', resource) === undefined,
      )
      if (lacking === undefined) continue
      yield {
        path: ['spec', 'metrics', at, 'resource', 'target', 'averageUtilization'],
        reason: `container ${lacking.name} of ${titled(workload)} does not request ${resource}, so its utilization is undefined`,
        fix: `In ${titled(workload)}: resources: { requests: { ${resource}: ${resource === 'cpu' ? '500m' : '1Gi'} } }`,
      }
    }
  },
}

const unmeasuredResource: FactualRule = {
  id: 'unmeasured_resource',
  severity: 'harmful',
  what: 'an autoscaler on a resource that metrics-server does not measure',
  why: 'metrics-server measures only CPU and memory: for GPUs the autoscaler reports FailedGetResourceMetric and changes nothing.',
  *find(object) {
    if (kindOf(object) !== 'HorizontalPodAutoscaler') return
    for (const [at, metric] of listAt(object.manifest, 'spec', 'metrics').entries())
      for (const source of ['resource', 'containerResource']) {
        const name = textAt(metric, source, 'name')
        if (name === undefined || name === 'cpu' || name === 'memory') continue
        yield {
          path: ['spec', 'metrics', at, source, 'name'],
          reason: `metrics-server does not measure the pod resource ${name}`,
          fix: 'Use an engine metric through an adapter (type: Pods or External), or a KEDA ScaledObject with a Prometheus query.',
        }
      }
  },
}

const gatedTolerance: FactualRule = {
  id: 'gated_tolerance',
  severity: 'advice',
  what: 'an autoscaler tolerance',
  why: 'It needs the feature gate HPAConfigurableTolerance (alpha in 1.33); without it the API server drops the field and uses 10 %.',
  *find(object) {
    const behaviours = [
      ['spec', 'behavior'],
      ['spec', 'advanced', 'horizontalPodAutoscalerConfig', 'behavior'],
    ]
    for (const path of behaviours)
      for (const way of ['scaleUp', 'scaleDown']) {
        const tolerance = valueAt(object.manifest, ...path, way, 'tolerance')
        if (tolerance === undefined) continue
        yield {
          path: [...path, way, 'tolerance'],
          reason: `tolerance ${String(tolerance)} needs the feature gate HPAConfigurableTolerance; clusters without it drop the field`,
          fix: 'Enable the gate, or choose a target that suits the default of 10 %.',
        }
      }
  },
}

export const autoscalingRules: readonly FactualRule[] = [
  replicasWithAutoscaler,
  twoAutoscalers,
  autoscalerOfNothing,
  fixedAutoscaler,
  percentWithoutRequest,
  unmeasuredResource,
  gatedTolerance,
]
