/** Rules for drains, shutdown and rollouts. */

import type { LintObject } from '@hadal/fleet'
import type { FactualRule } from '../rule-facts.ts'
import { beside, labelsShown, mayBeElsewhere, nearestPods } from './read/selection.ts'
import { countOf, type Fields, fieldsAt, listAt, numberAt, textAt, valueAt } from './read/values.ts'
import {
  allWorkloads,
  fewestReplicas,
  isSameNamespace,
  namespaceOf,
  ofKind,
  selectsPods,
  servicesOf,
  titled,
  type Workload,
  workloadsOf,
} from './read/workload.ts'

const selects = (object: LintObject, workload: Workload): boolean =>
  isSameNamespace(namespaceOf(object), workload.namespace) &&
  selectsPods(valueAt(object.manifest, 'spec', 'selector'), workload)

const drainBlocked: FactualRule = {
  id: 'pdb_blocks_drains',
  severity: 'harmful',
  what: 'a PodDisruptionBudget that allows no disruption',
  why: 'Nodes cannot be drained: cluster upgrades hang until the budget is deleted.',
  *find(object, context) {
    if (textAt(object.manifest, 'kind') !== 'PodDisruptionBudget') return
    const { minAvailable, maxUnavailable } = fieldsAt(object.manifest, 'spec')
    const fix = 'Set maxUnavailable: 1 instead of minAvailable, with at least 2 replicas'
    if (maxUnavailable === 0 || maxUnavailable === '0%') {
      yield {
        path: ['spec', 'maxUnavailable'],
        reason: `maxUnavailable ${maxUnavailable} never allows an eviction`,
        fix,
      }
      return
    }
    if (minAvailable === undefined) return
    for (const workload of allWorkloads(context)) {
      if (workload.replicas === undefined || !selects(object, workload)) continue
      const replicas = fewestReplicas(workload, context)
      const needed = countOf(minAvailable, replicas, Math.ceil) ?? 0
      if (replicas === 0 || needed < replicas) continue
      yield {
        path: ['spec', 'minAvailable'],
        reason: `minAvailable ${String(minAvailable)} with ${replicas} replica${replicas === 1 ? '' : 's'} of ${titled(workload)} never allows an eviction`,
        fix,
      }
      return
    }
  },
}

const budgetOfNothing: FactualRule = {
  id: 'pdb_selects_nothing',
  severity: 'harmful',
  what: 'a PodDisruptionBudget whose selector matches no pods',
  why: 'It protects nothing: a drain may evict all pods at once.',
  *find(object, context) {
    if (textAt(object.manifest, 'kind') !== 'PodDisruptionBudget') return
    const selector = valueAt(object.manifest, 'spec', 'selector')
    const workloads = beside(object, context)
    if (selector === undefined || workloads.length === 0) return
    if (workloads.some((each) => selectsPods(selector, each))) return
    const wanted = valueAt(selector, 'matchLabels')
    const meant = nearestPods(wanted, workloads)!
    yield {
      path: ['spec', 'selector'],
      reason: `no pods have ${labelsShown(wanted)}; pods of ${titled(meant)} have ${labelsShown(meant.labels)}`,
      fix: `selector: { matchLabels: ${labelsShown(meant.labels)} }, or the subset that stays the same across versions`,
      ...mayBeElsewhere(object, context),
    }
  },
}

const noBudget: FactualRule = {
  id: 'no_disruption_budget',
  severity: 'advice',
  what: 'several replicas behind a Service without a PodDisruptionBudget',
  why: 'A drain may evict all of them at once.',
  *find(object, context) {
    for (const workload of workloadsOf(object)) {
      if (
        !['Deployment', 'StatefulSet'].includes(workload.kind) ||
        servicesOf(workload, context).length === 0
      )
        continue
      const replicas = fewestReplicas(workload, context)
      if (replicas < 2 || ofKind(context, 'PodDisruptionBudget').some((budget) => selects(budget, workload)))
        continue
      const labels = JSON.stringify(fieldsAt(object.manifest, 'spec', 'selector', 'matchLabels'))
      yield {
        path: ['spec', 'replicas'],
        reason: `a drain may evict all ${replicas} replicas at once`,
        fix: `Add a PodDisruptionBudget with spec: { maxUnavailable: 1, selector: { matchLabels: ${labels} } }`,
      }
    }
  },
}

/** Seconds that `preStop` waits, if specified. */
function preStopSeconds(container: Fields): number | undefined {
  const preStop = fieldsAt(container, 'lifecycle', 'preStop')
  const slept = numberAt(preStop, 'sleep', 'seconds')
  if (slept !== undefined) return slept
  const said = /\bsleep\s+(\d+)/.exec(listAt(preStop, 'exec', 'command').map(String).join(' '))
  return said === null ? undefined : Number(said[1])
}

const graceBelowPreStop: FactualRule = {
  id: 'grace_below_prestop',
  severity: 'harmful',
  what: 'a pod that is killed before its preStop hook ends',
  why: 'terminationGracePeriodSeconds starts with preStop: the program never receives SIGTERM, and requests are cut off.',
  *find(object) {
    for (const { containers, pod, podPath } of workloadsOf(object)) {
      const grace = numberAt(pod, 'terminationGracePeriodSeconds') ?? 30
      for (const { fields, name } of containers) {
        const slept = preStopSeconds(fields)
        if (slept === undefined || slept < grace) continue
        const isSaid = pod.terminationGracePeriodSeconds !== undefined
        yield {
          path: [...podPath, 'terminationGracePeriodSeconds'],
          reason: `the pod is killed after ${grace} s${isSaid ? '' : ' (by default)'}, and preStop of container ${name} sleeps for ${slept} s of that time`,
          fix: `terminationGracePeriodSeconds: ${slept + 60}, the sleep plus the longest request`,
        }
      }
    }
  },
}

const noPreStop: FactualRule = {
  id: 'no_prestop',
  severity: 'advice',
  what: 'pods behind a Service that stop immediately on SIGTERM',
  why: 'Requests are still routed to them for some seconds, and fail.',
  *find(object, context) {
    for (const workload of workloadsOf(object)) {
      const served = workload.containers.filter(({ fields }) => listAt(fields, 'ports').length > 0)
      if (servicesOf(workload, context).length === 0 || served.length === 0) continue
      if (served.some(({ fields }) => valueAt(fields, 'lifecycle', 'preStop') !== undefined)) continue
      yield {
        path: served[0]!.path,
        reason: `container ${served[0]!.name} has no preStop hook: requests still reach it after SIGTERM`,
        fix: 'lifecycle: { preStop: { sleep: { seconds: 10 } } } (Kubernetes 1.30; before: exec: { command: [sleep, "10"] })',
      }
    }
  },
}

const unspread: FactualRule = {
  id: 'unspread_replicas',
  severity: 'advice',
  what: 'replicas that may all run on one node',
  why: 'If the node fails, all replicas fail.',
  *find(object, context) {
    for (const workload of workloadsOf(object)) {
      const { pod, podPath, kind, gpus } = workload
      if (kind !== 'Deployment' || gpus > 0 || fewestReplicas(workload, context) < 2) continue
      if (
        listAt(pod, 'topologySpreadConstraints').length > 0 ||
        valueAt(pod, 'affinity', 'podAntiAffinity') !== undefined
      )
        continue
      yield {
        path: podPath,
        reason: `nothing prevents all ${fewestReplicas(workload, context)} replicas from running on one node`,
        fix: `topologySpreadConstraints: [{ maxSkew: 1, topologyKey: kubernetes.io/hostname, whenUnsatisfiable: ScheduleAnyway, labelSelector: { matchLabels: ${JSON.stringify(fieldsAt(object.manifest, 'spec', 'selector', 'matchLabels'))} } }]`,
      }
    }
  },
}

export const disruptionRules: readonly FactualRule[] = [
  drainBlocked,
  budgetOfNothing,
  noBudget,
  graceBelowPreStop,
  noPreStop,
  unspread,
]
