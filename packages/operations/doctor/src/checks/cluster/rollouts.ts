/** Checks of rollouts and blockers: exhausted quotas, disruption budgets without allowance. */

import type { Capture } from '../../capture/capture.ts'
import type { Check, Severity, Verdict } from '../check.ts'
import type { DeploymentObject, DisruptionBudgetObject, QuotaObject } from './cluster-objects.ts'
import {
  conditionOf,
  countOf,
  judgeList,
  nameOf,
  namespaceOf,
  placeOf,
  short,
  unknown,
} from './cluster-readings.ts'

const rollouts = (capture: Capture): Verdict | readonly Verdict[] =>
  judgeList<DeploymentObject>(capture, 'kubernetes-deployments', 'deployments', (deployments) => ({
    fine: `${countOf(deployments.length, 'Deployment')} rolled out`,
    verdicts: deployments.flatMap(rolloutTroubles),
  }))

function rolloutTroubles(deployment: DeploymentObject): readonly Verdict[] {
  const { spec = {}, status = {}, metadata } = deployment
  const place = placeOf(deployment)
  const command = `kubectl -n ${namespaceOf(deployment)} describe deployment ${nameOf(deployment)}`
  const wanted = spec.replicas ?? 1
  const ready = status.readyReplicas ?? 0
  // Conditions are of before until its controller has seen the change.
  if ((status.observedGeneration ?? 0) < (metadata?.generation ?? 0))
    return [
      {
        severity: 'note',
        says: `${place} has just changed; its rollout has not started`,
        fix: { text: 'Run the check again.', command },
      },
    ]
  const failure = conditionOf(status.conditions, 'ReplicaFailure')
  if (failure?.status === 'True') {
    const quota = /exceeded quota: ([^,]{1,100}), (.{1,200})/.exec(failure.message ?? '')
    return [
      {
        severity: 'error',
        says:
          quota === null
            ? `${place} cannot create pods: ${short(failure.message ?? failure.reason ?? '')}`
            : `${place} cannot create pods: quota ${quota[1]} is exceeded: ${quota[2]}`,
        fix: {
          text:
            quota === null ? 'Fix the problem that the message names.' : 'Raise the quota, or request less.',
          command,
        },
      },
    ]
  }
  const progressing = conditionOf(status.conditions, 'Progressing')
  if (progressing?.status === 'False')
    return [
      {
        severity: 'error',
        says: `the rollout of ${place} is stuck (${progressing.reason ?? 'not progressing'}): ${ready} of ${wanted} ready`,
        fix: {
          text: 'Find out why its pods are not ready, or roll back.',
          command: 'hadal deploy status',
        },
      },
    ]
  if (spec.paused === true)
    return [
      {
        severity: 'note',
        says: `${place} is paused`,
        fix: {
          text: 'Resume the rollout.',
          command: `kubectl -n ${namespaceOf(deployment)} rollout resume deployment/${nameOf(deployment)}`,
        },
      },
    ]
  if (ready < wanted)
    return [
      {
        severity: conditionOf(status.conditions, 'Available')?.status === 'True' ? 'note' : 'warning',
        says: `${place} has ${ready} of ${countOf(wanted, 'pod')} ready`,
        fix: { text: 'Check why the other pods are not ready.', command },
      },
    ]
  return []
}

/** Count, cores or bytes, approximate: enough for a share. Undefined if not a quantity. */
function amountOf(amount: string | number | undefined): number | undefined {
  const match = /^(\d{1,18}(?:\.\d{1,9})?)(m|k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei)?$/.exec(String(amount ?? ''))
  if (match === null) return undefined
  const [, number, suffix = ''] = match
  if (suffix === 'm') return Number(number) / 1000
  const power = ' kMGTPE'.indexOf(suffix[0]?.toUpperCase().replace('K', 'k') ?? ' ')
  return Number(number) * (suffix.endsWith('i') ? 1024 : 1000) ** Math.max(0, power)
}

const nearlyUsed = 0.9

const quotas = (capture: Capture): Verdict | readonly Verdict[] =>
  judgeList<QuotaObject>(capture, 'kubernetes-quotas', 'resourcequotas', (objects) => ({
    fine:
      objects.length === 0
        ? 'the cluster has no quotas'
        : `${countOf(objects.length, 'quota')} below the limit`,
    verdicts: objects.flatMap((object) => {
      const command = `kubectl -n ${namespaceOf(object)} describe resourcequota ${nameOf(object)}`
      const { hard: allowed, used: taken } = object.status ?? {}
      if (allowed === undefined)
        return [unknown(`quota ${placeOf(object)} reports no usage yet`, { text: 'Inspect it.', command })]
      return Object.entries(allowed).flatMap(([name, hard]): readonly Verdict[] => {
        const used = taken?.[name]
        const [most, now] = [amountOf(hard), amountOf(used)]
        const head = `quota ${placeOf(object)}: ${used ?? '?'} of ${hard} ${name}`
        if (most === undefined || now === undefined)
          return [unknown(`${head} cannot be compared`, { text: 'Inspect it.', command })]
        // Nothing at all is allowed on purpose.
        if (most === 0 || now < most * nearlyUsed) return []
        return [
          {
            severity: now >= most ? 'warning' : 'note',
            says: `${head} ${now >= most ? 'are used: no further pods that request it' : 'are used'}`,
            fix: { text: 'Raise the quota, or remove workloads that are not needed.', command },
          },
        ]
      })
    }),
  }))

const budgets = (capture: Capture): Verdict | readonly Verdict[] =>
  judgeList<DisruptionBudgetObject>(capture, 'kubernetes-budgets', 'poddisruptionbudgets', (objects) => ({
    fine:
      objects.length === 0
        ? 'the cluster has no PodDisruptionBudgets'
        : `${countOf(objects.length, 'PodDisruptionBudget allows', 'PodDisruptionBudgets allow')} node drains`,
    verdicts: objects.flatMap((object): readonly Verdict[] => {
      const {
        disruptionsAllowed,
        currentHealthy = 0,
        desiredHealthy = 0,
        expectedPods = 0,
      } = object.status ?? {}
      const command = `kubectl -n ${namespaceOf(object)} describe pdb ${nameOf(object)}`
      if (disruptionsAllowed === undefined)
        return [
          unknown(`${placeOf(object)} reports no allowed disruptions`, { text: 'Inspect it.', command }),
        ]
      if (disruptionsAllowed > 0 || expectedPods === 0) return []
      const isStrict = currentHealthy >= desiredHealthy
      const severity: Severity = isStrict ? 'warning' : 'note'
      return [
        {
          severity,
          says: isStrict
            ? `${placeOf(object)} allows no evictions although all ${expectedPods} pods are healthy: nodes cannot be drained`
            : `${placeOf(object)} allows no evictions: ${currentHealthy} of ${desiredHealthy} required pods are healthy`,
          fix: {
            text: isStrict
              ? 'Set maxUnavailable to 1 instead of a minAvailable that equals the number of replicas.'
              : 'Check why the other pods are not ready.',
            command,
          },
        },
      ]
    }),
  }))

export const rolloutChecks: readonly Check[] = [
  {
    id: 'cluster-rollouts',
    group: 'cluster',
    title: 'Rollouts',
    reads: ['kubernetes-deployments'],
    verdict: rollouts,
    source: 'Kubernetes, Deployments: failed deployment',
  },
  {
    id: 'cluster-quotas',
    group: 'cluster',
    title: 'Quotas',
    reads: ['kubernetes-quotas'],
    verdict: quotas,
    source: 'Kubernetes, Resource Quotas',
  },
  {
    id: 'cluster-disruption-budgets',
    group: 'cluster',
    title: 'Disruption budgets',
    reads: ['kubernetes-budgets'],
    verdict: budgets,
    source: 'Kubernetes, Specifying a Disruption Budget',
  },
]
