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
  what: 'a number of replicas in an object that an autoscaler changes',
  why: 'Each time it is applied the number is set back, and pods that were added under load are killed.',
  *find(object, context) {
    for (const workload of workloadsOf(object)) {
      const scaler = workload.saysReplicas ? autoscalersOf(workload, context)[0] : undefined
      if (scaler === undefined) continue
      yield {
        path: ['spec', 'replicas'],
        reason: `replicas: ${workload.replicas} is applied again each time, and ${named(scaler)} changes it`,
        fix: 'Leave spec.replicas out; the autoscaler’s minimum says how many there are at first.',
      }
      return
    }
  },
}

const twoAutoscalers: FactualRule = {
  id: 'two_autoscalers',
  severity: 'harmful',
  what: 'two autoscalers of one object',
  why: 'Each undoes what the other did. KEDA makes a HorizontalPodAutoscaler of its own from a ScaledObject.',
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
      reason: `${target.kind} ${target.name} is scaled by ${named(others[0]!)} as well`,
      fix: `Keep one of ${named(others[0]!)} and ${named(object)}; a ScaledObject takes CPU and memory as triggers, too.`,
    }
  },
}

const autoscalerOfNothing: FactualRule = {
  id: 'autoscaler_of_nothing',
  severity: 'harmful',
  what: 'an autoscaler whose target is not among the objects',
  why: 'It reports FailedGetScale and changes nothing. Where nothing alike is here, the target may be elsewhere: then it is advice.',
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
      reason: `there is no ${kind} ${name} here${meant === undefined ? '' : `, but ${named(meant)}`}`,
      fix:
        meant === undefined
          ? `See that ${kind} ${name} is in the cluster.`
          : `scaleTargetRef: { apiVersion: ${textAt(meant.manifest, 'apiVersion')}, kind: ${kindOf(meant)}, name: ${nameOf(meant)} }`,
      ...(meant === undefined ? { severity: 'advice' as const } : {}),
    }
  },
}

const fixedAutoscaler: FactualRule = {
  id: 'autoscaler_without_range',
  severity: 'harmful',
  what: 'an autoscaler with the same least and most',
  why: 'It never changes anything, and hides that nothing scales.',
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
      reason: `at least ${least} and at most ${most}: there is nothing to choose`,
      fix: `${maxField}: ${Math.max(2, most * 2)}, or take the autoscaler out and write replicas: ${most}`,
    }
  },
}

const percentWithoutRequest: FactualRule = {
  id: 'percent_without_request',
  severity: 'harmful',
  what: 'an autoscaler by percent of a request that pods do not make',
  why: 'Percent are of requests: without one it reports FailedGetResourceMetric and changes nothing.',
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
        reason: `${titled(workload)}’s container ${lacking.name} requests no ${resource}, of which the percent would be`,
        fix: `In ${titled(workload)}: resources: { requests: { ${resource}: ${resource === 'cpu' ? '500m' : '1Gi'} } }`,
      }
    }
  },
}

const unmeasuredResource: FactualRule = {
  id: 'unmeasured_resource',
  severity: 'harmful',
  what: 'an autoscaler by a resource that metrics-server does not measure',
  why: 'It measures CPU and memory alone: of GPUs the autoscaler reports FailedGetResourceMetric and changes nothing.',
  *find(object) {
    if (kindOf(object) !== 'HorizontalPodAutoscaler') return
    for (const [at, metric] of listAt(object.manifest, 'spec', 'metrics').entries())
      for (const source of ['resource', 'containerResource']) {
        const name = textAt(metric, source, 'name')
        if (name === undefined || name === 'cpu' || name === 'memory') continue
        yield {
          path: ['spec', 'metrics', at, source, 'name'],
          reason: `nobody measures ${name} of pods as a resource`,
          fix: 'A metric of the engine by an adapter (type: Pods or External), or a ScaledObject of KEDA with a query to Prometheus.',
        }
      }
  },
}

const gatedTolerance: FactualRule = {
  id: 'gated_tolerance',
  severity: 'advice',
  what: 'a tolerance of an autoscaler',
  why: 'It needs the feature gate HPAConfigurableTolerance (alpha in 1.33); without it the API server drops the field, and 10 % hold.',
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
          reason: `tolerance ${String(tolerance)} works where the cluster has the feature gate HPAConfigurableTolerance, and is dropped elsewhere`,
          fix: 'Turn the gate on, or choose a target so that 10 % are right.',
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
