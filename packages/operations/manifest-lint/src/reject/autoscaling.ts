/** Autoscalers and disruption budgets. */

import { isPlainObject } from '@hadal/base'
import { type Path, quantityOf } from '@hadal/fleet'
import type { LintRule } from '../lint-rule.ts'
import { type Check, type Issues, rejected, ruleOf } from './check.ts'
import { type Fields, isSaid, itemsOf, numberOf, textOf } from './place.ts'
import { intOrPercent } from './workloads.ts'

const bounds: Check = function* ({ value, path }) {
  const least = numberOf(value.minReplicas)
  const most = numberOf(value.maxReplicas)
  if (least !== undefined && least < 1)
    yield rejected(
      'out_of_range',
      [...path, 'minReplicas'],
      least === 0
        ? 'an autoscaler does not scale to 0 (HPAScaleToZero is off by default)'
        : 'minReplicas is negative',
      'Use 1 or more, or KEDA to scale to 0.',
    )
  if (most !== undefined && most < 1)
    yield rejected(
      'out_of_range',
      [...path, 'maxReplicas'],
      'maxReplicas must be at least 1',
      'Use 1 or more.',
    )
  else if (most !== undefined && least !== undefined && most < least)
    yield rejected(
      'out_of_range',
      [...path, 'maxReplicas'],
      `maxReplicas ${most} is below minReplicas ${least}`,
      'Raise the value.',
    )
  const use = numberOf(value.targetCPUUtilizationPercentage)
  if (use !== undefined && use < 1)
    yield rejected(
      'out_of_range',
      [...path, 'targetCPUUtilizationPercentage'],
      'the value must be at least 1',
      'Use 1 or more.',
    )
}

const sources: Readonly<Record<string, string>> = {
  ContainerResource: 'containerResource',
  External: 'external',
  Object: 'object',
  Pods: 'pods',
  Resource: 'resource',
}

const metric: Check = function* ({ value, path }) {
  const type = textOf(value.type)
  if (type === undefined) return
  if (!Object.hasOwn(sources, type)) {
    yield rejected(
      'bad_value',
      [...path, 'type'],
      `type must be one of ${Object.keys(sources).join(', ')}, and is ${type}`,
      'Use one of the allowed values.',
    )
    return
  }
  const wanted = sources[type]!
  if (!isPlainObject(value[wanted]))
    yield rejected('missing_field', path, `a metric of type ${type} needs ${wanted}`, `Add ${wanted}.`)
  for (const other of Object.values(sources))
    if (other !== wanted && isPlainObject(value[other]))
      yield rejected(
        'bad_metric',
        [...path, other],
        `a metric of type ${type} does not accept ${other}`,
        'Split it into two metrics.',
      )
}

const target: Check = function* ({ value, path, above }) {
  const type = textOf(value.type)
  if (type !== undefined && !['AverageValue', 'Utilization', 'Value'].includes(type))
    yield rejected(
      'bad_value',
      [...path, 'type'],
      `type must be one of AverageValue, Utilization, Value, and is ${type}`,
      'Use one of the allowed values.',
    )
  for (const name of ['averageValue', 'value']) {
    const amount = isSaid(value[name]) ? quantityOf(value[name]) : undefined
    if (amount !== undefined && amount <= 0n)
      yield rejected('out_of_range', [...path, name], `${name} must be above 0`, 'Raise the value.')
  }
  const use = numberOf(value.averageUtilization)
  if (use !== undefined && use < 1)
    yield rejected(
      'out_of_range',
      [...path, 'averageUtilization'],
      'the value must be at least 1',
      'Use 1 or more.',
    )
  const [first, second] = wantedTargets[above?.type ?? ''] ?? []
  if (first === undefined) return
  const said = [first, second].filter((name) => name !== undefined && isSaid(value[name]))
  if (said.length === 0)
    yield rejected(
      'bad_metric',
      path,
      `the target must set ${first}${second === undefined ? '' : ` or ${second}`}`,
      `Add ${first}.`,
    )
  if (said.length > 1 && above?.type !== 'V2ObjectMetricSource')
    yield rejected(
      'bad_metric',
      path,
      `the target sets ${said.join(' and ')}, which are mutually exclusive`,
      'Keep only one of them.',
    )
}

const wantedTargets: Readonly<Record<string, readonly [string, string?]>> = {
  V2ContainerResourceMetricSource: ['averageUtilization', 'averageValue'],
  V2ExternalMetricSource: ['value', 'averageValue'],
  V2ObjectMetricSource: ['value', 'averageValue'],
  V2PodsMetricSource: ['averageValue'],
  V2ResourceMetricSource: ['averageUtilization', 'averageValue'],
}

const scalingRules: Check = function* ({ value, path }) {
  const window = numberOf(value.stabilizationWindowSeconds)
  if (window !== undefined && (window < 0 || window > 3600))
    yield rejected(
      'out_of_range',
      [...path, 'stabilizationWindowSeconds'],
      `the window must be from 0 to 3600 seconds, and is ${window}`,
      'Use a value from 0 to 3600.',
    )
  if (isSaid(value.selectPolicy) && !['Disabled', 'Max', 'Min'].includes(String(value.selectPolicy)))
    yield rejected(
      'bad_value',
      [...path, 'selectPolicy'],
      'selectPolicy must be Disabled, Max or Min',
      'Use one of the allowed values.',
    )
  const tolerance = isSaid(value.tolerance) ? quantityOf(value.tolerance) : undefined
  if (tolerance !== undefined && tolerance < 0n)
    yield rejected('out_of_range', [...path, 'tolerance'], 'tolerance is negative', 'Use 0 or more.')
  for (const [index, policy] of itemsOf(value.policies))
    yield* policyIssues(policy, [...path, 'policies', index])
  if (Array.isArray(value.policies) && value.policies.length === 0)
    yield rejected(
      'missing_field',
      [...path, 'policies'],
      'policies must not be empty',
      'Add one, or delete policies.',
    )
}

function* policyIssues(policy: Fields, at: Path): Issues {
  if (isSaid(policy.type) && policy.type !== 'Pods' && policy.type !== 'Percent')
    yield rejected(
      'bad_value',
      [...at, 'type'],
      `type must be Pods or Percent, and is ${String(policy.type)}`,
      'Use one of the two.',
    )
  const number = numberOf(policy.value)
  if (number !== undefined && number < 1)
    yield rejected('out_of_range', [...at, 'value'], 'value must be at least 1', 'Use 1 or more.')
  const period = numberOf(policy.periodSeconds)
  if (period !== undefined && (period < 1 || period > 1800))
    yield rejected(
      'out_of_range',
      [...at, 'periodSeconds'],
      `the period must be from 1 to 1800 seconds, and is ${period}`,
      'Use a value from 1 to 1800.',
    )
}

const budget: Check = function* ({ value, path }) {
  const [least, most] = [value.minAvailable, value.maxUnavailable]
  if (least !== undefined && least !== null && most !== undefined && most !== null)
    yield rejected(
      'bad_budget',
      [...path, 'maxUnavailable'],
      'minAvailable and maxUnavailable are mutually exclusive',
      'Keep only one of them.',
    )
  yield* intOrPercent(least, [...path, 'minAvailable'], 100)
  yield* intOrPercent(most, [...path, 'maxUnavailable'], 100)
}

export const autoscalingRule: LintRule = ruleOf({
  V1HorizontalPodAutoscalerSpec: bounds,
  V1PodDisruptionBudgetSpec: budget,
  V2HPAScalingRules: scalingRules,
  V2HorizontalPodAutoscalerSpec: bounds,
  V2MetricSpec: metric,
  V2MetricTarget: target,
})
