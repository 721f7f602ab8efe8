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
  what: 'a PodDisruptionBudget that never lets a pod go',
  why: 'Nodes cannot be drained: upgrades of the cluster hang until somebody deletes the budget.',
  *find(object, context) {
    if (textAt(object.manifest, 'kind') !== 'PodDisruptionBudget') return
    const { minAvailable, maxUnavailable } = fieldsAt(object.manifest, 'spec')
    const fix = 'maxUnavailable: 1 in place of minAvailable, and replicas: 2 at least'
    if (maxUnavailable === 0 || maxUnavailable === '0%') {
      yield {
        path: ['spec', 'maxUnavailable'],
        reason: `maxUnavailable ${maxUnavailable} lets no pod go, ever`,
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
        reason: `minAvailable ${String(minAvailable)} of ${replicas} replica${replicas === 1 ? '' : 's'} of ${titled(workload)} lets no pod go`,
        fix,
      }
      return
    }
  },
}

const budgetOfNothing: FactualRule = {
  id: 'pdb_selects_nothing',
  severity: 'harmful',
  what: 'a PodDisruptionBudget whose selector matches no pods of the set',
  why: 'It protects nothing: a drain may take all pods at once, and the budget looks as if it did not.',
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
      fix: `selector: { matchLabels: ${labelsShown(meant.labels)} }, or those of them that stay the same in each version`,
      ...mayBeElsewhere(object, context),
    }
  },
}

const noBudget: FactualRule = {
  id: 'no_disruption_budget',
  severity: 'advice',
  what: 'several replicas behind a Service without a PodDisruptionBudget',
  why: 'A drain may take all of them at once.',
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
        reason: `a drain may end all ${replicas} replicas at once`,
        fix: `A PodDisruptionBudget with spec: { maxUnavailable: 1, selector: { matchLabels: ${labels} } }`,
      }
    }
  },
}

/** Seconds that `preStop` waits, as far as it says so. */
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
  what: 'a pod that is killed before its preStop has ended',
  why: 'terminationGracePeriodSeconds counts from the start of preStop: the program never hears that it is to end, and requests are cut off.',
  *find(object) {
    for (const { containers, pod, podPath } of workloadsOf(object)) {
      const grace = numberAt(pod, 'terminationGracePeriodSeconds') ?? 30
      for (const { fields, name } of containers) {
        const slept = preStopSeconds(fields)
        if (slept === undefined || slept < grace) continue
        const isSaid = pod.terminationGracePeriodSeconds !== undefined
        yield {
          path: [...podPath, 'terminationGracePeriodSeconds'],
          reason: `the pod is killed after ${grace} s${isSaid ? '' : ' (by default)'}, and preStop of container ${name} sleeps ${slept} s of them`,
          fix: `terminationGracePeriodSeconds: ${slept + 60}, the sleep and the longest request`,
        }
      }
    }
  },
}

const noPreStop: FactualRule = {
  id: 'no_prestop',
  severity: 'advice',
  what: 'pods behind a Service that end at once when they are told to',
  why: 'For some seconds after that, requests are still sent to them, and refused.',
  *find(object, context) {
    for (const workload of workloadsOf(object)) {
      const served = workload.containers.filter(({ fields }) => listAt(fields, 'ports').length > 0)
      if (servicesOf(workload, context).length === 0 || served.length === 0) continue
      if (served.some(({ fields }) => valueAt(fields, 'lifecycle', 'preStop') !== undefined)) continue
      yield {
        path: served[0]!.path,
        reason: `container ${served[0]!.name} has no preStop: requests reach it after it was told to end`,
        fix: 'lifecycle: { preStop: { sleep: { seconds: 10 } } } (Kubernetes 1.30; before: exec: { command: [sleep, "10"] })',
      }
    }
  },
}

const unspread: FactualRule = {
  id: 'unspread_replicas',
  severity: 'advice',
  what: 'replicas that may all stand on one node',
  why: 'When the node fails, all of them are gone.',
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
        reason: `nothing keeps the ${fewestReplicas(workload, context)} replicas from standing on one node`,
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
