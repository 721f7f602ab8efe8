/**
 * Rules for KEDA, the Prometheus operator, LeaderWorkerSet and JobSet: what their definitions and admission webhooks reject. PromQL
 * is checked elsewhere.
 */

import { isPlainObject } from '@hadal/base'
import type { Path } from '@hadal/fleet'
import type { LintRule } from '../lint-rule.ts'
import { type Check, type Issues, rejected, ruleOf } from './check.ts'
import { dnsLabel } from './formats.ts'
import { type Fields, fieldsIn, isSaid, itemsOf, listOf, numberOf, textOf } from './place.ts'
import { intOrPercent } from './workloads.ts'

const scaledObject: Check = function* ({ value, path }) {
  const least = numberOf(value.minReplicaCount) ?? 0
  const most = numberOf(value.maxReplicaCount) ?? 100
  const idle = numberOf(value.idleReplicaCount)
  for (const name of [
    'minReplicaCount',
    'maxReplicaCount',
    'idleReplicaCount',
    'pollingInterval',
    'cooldownPeriod',
  ]) {
    const number = numberOf(value[name])
    if (number !== undefined && number < 0)
      yield rejected('out_of_range', [...path, name], `${name} is negative`, 'Use 0 or more.')
  }
  if (most === 0)
    yield rejected(
      'out_of_range',
      [...path, 'maxReplicaCount'],
      'maxReplicaCount must be at least 1',
      'Raise the value.',
    )
  else if (least > most)
    yield rejected(
      'out_of_range',
      [...path, 'minReplicaCount'],
      `minReplicaCount ${least} is above maxReplicaCount ${most}`,
      'Raise maxReplicaCount, or lower minReplicaCount.',
    )
  if (idle !== undefined && idle >= least)
    yield rejected(
      'out_of_range',
      [...path, 'idleReplicaCount'],
      `idleReplicaCount ${idle} must be below minReplicaCount ${least}`,
      'Lower it to 0, or raise minReplicaCount.',
    )
  yield* triggers(value, path)
}

function* triggers(value: Fields, path: Path): Issues {
  const list = itemsOf(value.triggers)
  if (Array.isArray(value.triggers) && list.length === 0)
    yield rejected('missing_field', [...path, 'triggers'], 'triggers must not be empty', 'Add a trigger.')
  const names = new Set<string>()
  for (const [index, trigger] of list) {
    const at = [...path, 'triggers', index]
    const name = textOf(trigger.name)
    if (name !== undefined && names.has(name))
      yield rejected(
        'duplicate_item',
        [...at, 'name'],
        `trigger name ${name} is not unique`,
        'Give each a unique name.',
      )
    if (name !== undefined) names.add(name)
    const type = textOf(trigger.type)
    const metadata = fieldsIn(trigger.metadata)
    const isUsage = type === 'cpu' || type === 'memory'
    const metric = textOf(trigger.metricType)
    const metrics = isUsage ? ['AverageValue', 'Utilization'] : ['AverageValue', 'Value']
    if (metric !== undefined && !metrics.includes(metric))
      yield rejected(
        'bad_value',
        [...at, 'metricType'],
        `a trigger of type ${type} supports only metricType ${metrics.join(' or ')}, not ${metric}`,
        `Set metricType: ${metrics.join(' or ')}.`,
      )
    if (isUsage && trigger.useCachedMetrics === true)
      yield rejected(
        'bad_value',
        [...at, 'useCachedMetrics'],
        `a trigger of type ${type} does not support useCachedMetrics`,
        'Delete it.',
      )
    if (isPlainObject(trigger.metadata))
      for (const wanted of neededBy[type ?? ''] ?? [])
        if (
          !isSaid(metadata[wanted]) &&
          !isSaid(metadata[`${wanted}FromEnv`]) &&
          !isPlainObject(trigger.authenticationRef)
        )
          yield rejected(
            'missing_field',
            [...at, 'metadata'],
            `a trigger of type ${type} needs ${wanted} in its metadata`,
            `Add ${wanted}.`,
          )
    const threshold = metadata.threshold
    if (type === 'prometheus' && typeof threshold === 'string' && !Number.isFinite(Number(threshold)))
      yield rejected(
        'bad_value',
        [...at, 'metadata', 'threshold'],
        'the value must be a number',
        'Use a number in quotes.',
      )
  }
}

const neededBy: Readonly<Record<string, readonly string[]>> = {
  cpu: ['value'],
  cron: ['timezone', 'start', 'end', 'desiredReplicas'],
  memory: ['value'],
  prometheus: ['serverAddress', 'query', 'threshold'],
}

/** Durations as Prometheus writes them; the definitions hold this pattern. */
const duration = /^(0|(([0-9]+)y)?(([0-9]+)w)?(([0-9]+)d)?(([0-9]+)h)?(([0-9]+)m)?(([0-9]+)s)?(([0-9]+)ms)?)$/

const durations = (...fields: readonly string[]): Check =>
  function* ({ value, path }) {
    for (const field of fields) {
      const said = value[field]
      if (typeof said === 'string' && !duration.test(said))
        yield rejected(
          'bad_duration',
          [...path, field],
          `${JSON.stringify(said)} is not a valid Prometheus duration`,
          'Use whole numbers with ms, s, m, h, d: 30s, 1h30m.',
        )
    }
  }

const ruleSpec: Check = function* ({ value, path }) {
  const names = new Set<string>()
  for (const [index, group] of itemsOf(value.groups)) {
    const name = textOf(group.name)
    if (name !== undefined && names.has(name))
      yield rejected(
        'duplicate_item',
        [...path, 'groups', index, 'name'],
        `group name ${name} is not unique`,
        'Give each a unique name.',
      )
    if (name !== undefined) names.add(name)
    else yield rejected('missing_field', [...path, 'groups', index], 'the group has no name', 'Add name.')
  }
}

const rule: Check = function* ({ value, path }) {
  const isRecord = isSaid(value.record)
  if (isRecord === isSaid(value.alert))
    yield rejected(
      'bad_rule',
      path,
      isRecord ? 'record and alert are mutually exclusive' : 'the rule must set record or alert',
      'Set exactly one of them.',
    )
  const record = textOf(value.record)
  if (record !== undefined && !/^[a-zA-Z_:][a-zA-Z0-9_:]*$/.test(record))
    yield rejected(
      'bad_name',
      [...path, 'record'],
      `${record} is not a valid metric name`,
      'Use only letters, digits, _ and :.',
    )
  if (isRecord)
    for (const field of ['for', 'keep_firing_for', 'annotations'])
      if (isSaid(value[field]))
        yield rejected(
          'bad_rule',
          [...path, field],
          `a recording rule does not support ${field}`,
          'Delete it.',
        )
  if (typeof value.expr === 'string' && value.expr.trim() === '')
    yield rejected('missing_field', [...path, 'expr'], 'expr must not be empty', 'Add an expression.')
  for (const label of Object.keys(fieldsIn(value.labels)))
    if (!/^[a-zA-Z_][a-zA-Z0-9_]*$/.test(label) || label === '__name__')
      yield rejected(
        'bad_label',
        [...path, 'labels', label],
        `${label} is not a valid Prometheus label name`,
        'Use only letters, digits and _.',
      )
}

const leaderWorkerSet: Check = function* ({ value, path }) {
  const size = numberOf(fieldsIn(value.leaderWorkerTemplate).size)
  if (size !== undefined && size < 1)
    yield rejected(
      'out_of_range',
      [...path, 'leaderWorkerTemplate', 'size'],
      'size must be at least 1',
      'Raise the value.',
    )
  const rollout = fieldsIn(fieldsIn(value.rolloutStrategy).rollingUpdateConfiguration)
  const at = [...path, 'rolloutStrategy', 'rollingUpdateConfiguration']
  yield* intOrPercent(rollout.maxSurge, [...at, 'maxSurge'], 100)
  yield* intOrPercent(rollout.maxUnavailable, [...at, 'maxUnavailable'], 100)
  const isZero = (one: unknown): boolean => one === 0 || one === '0%'
  // Defaults: maxUnavailable 1 and maxSurge 0.
  if (isZero(rollout.maxUnavailable) && (rollout.maxSurge === undefined || isZero(rollout.maxSurge)))
    yield rejected('bad_strategy', at, 'maxSurge and maxUnavailable are both 0', 'Set one of them to 1.')
  const subGroup = numberOf(fieldsIn(fieldsIn(value.leaderWorkerTemplate).subGroupPolicy).subGroupSize)
  if (
    subGroup !== undefined &&
    size !== undefined &&
    (subGroup < 1 || (size % subGroup !== 0 && (size - 1) % subGroup !== 0))
  )
    yield rejected(
      'out_of_range',
      [...path, 'leaderWorkerTemplate', 'subGroupPolicy', 'subGroupSize'],
      `size ${size} or size - 1 must be divisible by ${subGroup}`,
      'Choose a size that is.',
    )
}

const jobSet: Check = function* ({ value, path, root }) {
  const names = new Set<string>()
  const owner = textOf(fieldsIn(root.manifest.metadata).name) ?? ''
  for (const [index, { name, replicas }] of itemsOf(value.replicatedJobs)) {
    const at = [...path, 'replicatedJobs', index]
    const own = textOf(name)
    if (own === undefined) continue
    if (names.has(own))
      yield rejected(
        'duplicate_item',
        [...at, 'name'],
        `job name ${own} is not unique`,
        'Give each a unique name.',
      )
    names.add(own)
    const last = Math.max(0, (numberOf(replicas) ?? 1) - 1)
    if (root.manifest.kind === 'JobSet' && dnsLabel(`${owner}-${own}-${last}`) !== undefined)
      yield rejected(
        'bad_name',
        [...at, 'name'],
        `${owner}-${own}-${last} is not a valid RFC 1123 label`,
        'Shorten the names.',
      )
  }
  for (const where of ['successPolicy', 'failurePolicy'])
    for (const target of listOf(fieldsIn(value[where]).targetReplicatedJobs))
      if (!names.has(String(target)))
        yield rejected(
          'bad_job',
          [...path, where, 'targetReplicatedJobs'],
          `the replicated job ${String(target)} does not exist`,
          `Use one of ${[...names].join(', ')}.`,
        )
}

export const customResourcesRule: LintRule = ruleOf({
  'jobset.Spec': jobSet,
  'keda.v1alpha1.ScaledObjectSpec': scaledObject,
  'lws.Spec': leaderWorkerSet,
  'monitoring.Endpoint': durations('interval', 'scrapeTimeout'),
  'monitoring.PodMetricsEndpoint': durations('interval', 'scrapeTimeout'),
  'monitoring.ProbeSpec': durations('interval', 'scrapeTimeout'),
  'monitoring.PrometheusRuleSpec': ruleSpec,
  'monitoring.Rule': [rule, durations('for', 'keep_firing_for')],
  'monitoring.RuleGroup': durations('interval', 'query_offset'),
})
