/** Deployments, StatefulSets, DaemonSets and ReplicaSets: counts and strategies. */

import { isPlainObject } from '@hadal/base'
import type { Path } from '@hadal/fleet'
import type { LintRule } from '../lint-rule.ts'
import { type Check, type Issues, rejected, ruleOf } from './check.ts'
import { isPercent } from './formats.ts'
import { type Fields, fieldsIn, isSaid, itemsOf, numberOf } from './place.ts'

/** Fields that count something. */
const notNegative = (...fields: readonly string[]): Check =>
  function* ({ value, path }) {
    for (const field of fields) {
      const number = numberOf(value[field])
      if (number !== undefined && number < 0)
        yield rejected('out_of_range', [...path, field], `${field} is negative`, 'Use 0 or more.')
    }
  }

/** A count or a share: `1` or `25%`. */
export function* intOrPercent(value: unknown, path: Path, most: number | undefined): Issues {
  if (typeof value === 'number' && value < 0)
    yield rejected('out_of_range', path, `${value} is negative`, 'Use 0 or more, or a percentage.')
  if (typeof value !== 'string') return
  if (!isPercent(value))
    yield rejected(
      'bad_percent',
      path,
      `${JSON.stringify(value)} is neither a whole number nor a percentage`,
      /^\d+$/.test(value) ? `Remove the quotes: ${value}.` : 'Write 1, or 25%.',
    )
  else if (most !== undefined && Number.parseInt(value, 10) > most)
    yield rejected('bad_percent', path, `${value} is above ${most} %`, `Use at most ${most}%.`)
}

const isZero = (value: unknown): boolean =>
  value === 0 || (isPercent(value) && Number.parseInt(value, 10) === 0)

function* rolling(strategy: Fields, path: Path, name: string, others: string): Issues {
  if (isPlainObject(strategy.rollingUpdate) && isSaid(strategy.type) && strategy.type !== 'RollingUpdate')
    yield rejected(
      'bad_strategy',
      [...path, 'rollingUpdate'],
      `${name} ${String(strategy.type)} does not accept rollingUpdate`,
      `Delete rollingUpdate, or write type: RollingUpdate${others}.`,
    )
}

const deployment: Check = function* ({ value, path }) {
  const strategy = fieldsIn(value.strategy)
  const at = [...path, 'strategy']
  yield* rolling(strategy, at, 'strategy', '')
  const update = strategy.rollingUpdate
  if (isPlainObject(update)) {
    yield* intOrPercent(update.maxSurge, [...at, 'rollingUpdate', 'maxSurge'], undefined)
    yield* intOrPercent(update.maxUnavailable, [...at, 'rollingUpdate', 'maxUnavailable'], 100)
    // Omitted values default to 25%.
    if (isZero(update.maxSurge) && isZero(update.maxUnavailable))
      yield rejected(
        'bad_strategy',
        [...at, 'rollingUpdate'],
        'maxSurge and maxUnavailable are both 0: no pod can be replaced',
        'Set one of them to 1.',
      )
  }
  const deadline = numberOf(value.progressDeadlineSeconds) ?? 600
  const ready = numberOf(value.minReadySeconds) ?? 0
  if (deadline < 0 || deadline <= ready)
    yield rejected(
      'out_of_range',
      [...path, 'progressDeadlineSeconds'],
      `progressDeadlineSeconds (${deadline}; 600 by default) must be above minReadySeconds (${ready})`,
      'Raise the value.',
    )
}

const daemonSet: Check = function* ({ value, path }) {
  const strategy = fieldsIn(value.updateStrategy)
  const at = [...path, 'updateStrategy']
  yield* rolling(strategy, at, 'updateStrategy', '')
  const update = strategy.rollingUpdate
  if (!isPlainObject(update)) return
  yield* intOrPercent(update.maxSurge, [...at, 'rollingUpdate', 'maxSurge'], 100)
  yield* intOrPercent(update.maxUnavailable, [...at, 'rollingUpdate', 'maxUnavailable'], 100)
  const hasSurge = update.maxSurge !== undefined && update.maxSurge !== null && !isZero(update.maxSurge)
  // maxUnavailable defaults to 1.
  if (hasSurge && !isZero(update.maxUnavailable))
    yield rejected(
      'bad_strategy',
      [...at, 'rollingUpdate'],
      'maxSurge of a DaemonSet needs maxUnavailable: 0 (1 by default)',
      'Use maxUnavailable: 0.',
    )
  if (!hasSurge && isZero(update.maxUnavailable))
    yield rejected(
      'bad_strategy',
      [...at, 'rollingUpdate', 'maxUnavailable'],
      'maxSurge and maxUnavailable are both 0: no pod can be replaced',
      'Set one of them to 1.',
    )
}

const statefulSet: Check = function* ({ value, path }) {
  const strategy = fieldsIn(value.updateStrategy)
  const at = [...path, 'updateStrategy']
  yield* rolling(strategy, at, 'updateStrategy', '')
  const update = fieldsIn(strategy.rollingUpdate)
  const partition = numberOf(update.partition)
  if (partition !== undefined && partition < 0)
    yield rejected(
      'out_of_range',
      [...at, 'rollingUpdate', 'partition'],
      'partition is negative',
      'Use 0 or more.',
    )
  const seen = new Set<unknown>()
  for (const [index, claim] of itemsOf(value.volumeClaimTemplates)) {
    const { name } = fieldsIn(claim.metadata)
    if (!isSaid(name))
      yield rejected(
        'missing_name',
        [...path, 'volumeClaimTemplates', index],
        'the claim has no name, so no container can mount it',
        'Add metadata.name.',
      )
    else if (seen.has(name))
      yield rejected(
        'duplicate_volume',
        [...path, 'volumeClaimTemplates', index],
        'the name is not unique',
        'Use another name.',
      )
    seen.add(name)
  }
  const start = numberOf(fieldsIn(value.ordinals).start)
  if (start !== undefined && start < 0)
    yield rejected('out_of_range', [...path, 'ordinals', 'start'], 'start is negative', 'Use 0 or more.')
  const kept = fieldsIn(value.persistentVolumeClaimRetentionPolicy)
  for (const when of ['whenDeleted', 'whenScaled'])
    if (isSaid(kept[when]) && !['Retain', 'Delete'].includes(String(kept[when])))
      yield rejected(
        'bad_value',
        [...path, 'persistentVolumeClaimRetentionPolicy', when],
        `the policy must be Retain or Delete, and is ${String(kept[when])}`,
        'Use one of the two.',
      )
}

/** Kinds that require a spec: without one the server reports selector and template as missing. */
const spec: Check = function* ({ value, path, root }) {
  if (!isPlainObject(value.spec) && (value.spec === undefined || value.spec === null))
    yield rejected('missing_field', path, `a ${root.manifest.kind} needs a spec`, 'Add spec.')
}

export const workloadsRule: LintRule = ruleOf({
  V1CronJob: spec,
  V1DaemonSet: spec,
  V1DaemonSetSpec: [daemonSet, notNegative('minReadySeconds', 'revisionHistoryLimit')],
  V1Deployment: spec,
  V1DeploymentSpec: [deployment, notNegative('replicas', 'minReadySeconds', 'revisionHistoryLimit')],
  V1HorizontalPodAutoscaler: spec,
  V1Ingress: spec,
  V1IngressClass: spec,
  V1Job: spec,
  V1PersistentVolume: spec,
  V1PersistentVolumeClaim: spec,
  V1Pod: spec,
  V1ReplicaSet: spec,
  V1ReplicaSetSpec: notNegative('replicas', 'minReadySeconds'),
  V1ReplicationControllerSpec: notNegative('replicas', 'minReadySeconds'),
  V1Service: spec,
  V1StatefulSet: spec,
  V1StatefulSetSpec: [statefulSet, notNegative('replicas', 'minReadySeconds', 'revisionHistoryLimit')],
  V2HorizontalPodAutoscaler: spec,
  'lws.Spec': notNegative('replicas'),
})
