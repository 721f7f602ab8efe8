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
        says: `${place} was changed just now, and nobody has begun yet`,
        fix: { text: 'Ask again.', command },
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
            ? `${place} cannot make pods: ${short(failure.message ?? failure.reason ?? '')}`
            : `${place} cannot make pods: the quota ${quota[1]} is exceeded: ${quota[2]}`,
        fix: {
          text: quota === null ? 'Correct what the message names.' : 'Raise the quota, or ask for less.',
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
          text: 'See what keeps its pods, or take the last version back.',
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
          text: 'Go on with it.',
          command: `kubectl -n ${namespaceOf(deployment)} rollout resume deployment/${nameOf(deployment)}`,
        },
      },
    ]
  if (ready < wanted)
    return [
      {
        severity: conditionOf(status.conditions, 'Available')?.status === 'True' ? 'note' : 'warning',
        says: `${place} has ${ready} of ${countOf(wanted, 'pod')} ready`,
        fix: { text: 'See what the others wait for.', command },
      },
    ]
  return []
}

/** In pieces, cores or bytes, roughly: enough for a share. Undefined where it is no amount. */
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
    fine: objects.length === 0 ? 'there are no quotas' : `${countOf(objects.length, 'quota')} with room left`,
    verdicts: objects.flatMap((object) => {
      const command = `kubectl -n ${namespaceOf(object)} describe resourcequota ${nameOf(object)}`
      const { hard: allowed, used: taken } = object.status ?? {}
      if (allowed === undefined)
        return [
          unknown(`quota ${placeOf(object)} does not say yet what is used`, { text: 'See it.', command }),
        ]
      return Object.entries(allowed).flatMap(([name, hard]): readonly Verdict[] => {
        const used = taken?.[name]
        const [most, now] = [amountOf(hard), amountOf(used)]
        const head = `quota ${placeOf(object)}: ${used ?? '?'} of ${hard} ${name}`
        if (most === undefined || now === undefined)
          return [unknown(`${head} cannot be compared`, { text: 'See it.', command })]
        // Nothing at all is allowed on purpose.
        if (most === 0 || now < most * nearlyUsed) return []
        return [
          {
            severity: now >= most ? 'warning' : 'note',
            says: `${head} ${now >= most ? 'are used: no more pods that ask for it' : 'are used'}`,
            fix: { text: 'Raise the quota, or end what is not needed.', command },
          },
        ]
      })
    }),
  }))

const budgets = (capture: Capture): Verdict | readonly Verdict[] =>
  judgeList<DisruptionBudgetObject>(capture, 'kubernetes-budgets', 'poddisruptionbudgets', (objects) => ({
    fine:
      objects.length === 0
        ? 'there are no PodDisruptionBudgets'
        : `${countOf(objects.length, 'PodDisruptionBudget lets', 'PodDisruptionBudgets let')} nodes be emptied`,
    verdicts: objects.flatMap((object): readonly Verdict[] => {
      const {
        disruptionsAllowed,
        currentHealthy = 0,
        desiredHealthy = 0,
        expectedPods = 0,
      } = object.status ?? {}
      const command = `kubectl -n ${namespaceOf(object)} describe pdb ${nameOf(object)}`
      if (disruptionsAllowed === undefined)
        return [unknown(`${placeOf(object)} does not say what it allows`, { text: 'See it.', command })]
      if (disruptionsAllowed > 0 || expectedPods === 0) return []
      const isStrict = currentHealthy >= desiredHealthy
      const severity: Severity = isStrict ? 'warning' : 'note'
      return [
        {
          severity,
          says: isStrict
            ? `${placeOf(object)} lets no pod go though all ${expectedPods} are well: a node that is to be emptied never is`
            : `${placeOf(object)} lets no pod go: ${currentHealthy} of ${desiredHealthy} that are needed are well`,
          fix: {
            text: isStrict
              ? 'Use maxUnavailable 1 in place of a minimum that is all there are.'
              : 'See why the others are not ready.',
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
