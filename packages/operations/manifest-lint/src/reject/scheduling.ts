/** Rules for pod scheduling: tolerations, affinity, spread. */

import { isPlainObject } from '@hadal/base'
import type { Path } from '@hadal/fleet'
import type { LintRule } from '../lint-rule.ts'
import { type Check, type Issues, rejected, ruleOf } from './check.ts'
import { dnsSubdomain, labelValue, qualifiedName } from './formats.ts'
import { type Fields, fieldsIn, isSaid, itemsOf, listOf, numberOf, textOf } from './place.ts'
import { valuesFit } from './selectors.ts'

const toleration: Check = function* ({ value, path }) {
  const key = textOf(value.key)
  const wrong = key === undefined ? undefined : qualifiedName(key)
  if (wrong !== undefined)
    yield rejected('bad_toleration', [...path, 'key'], `the key ${wrong}`, 'Correct the key.')
  if (key === undefined && value.operator !== 'Exists')
    yield rejected(
      'bad_toleration',
      path,
      'a toleration without a key matches all taints and needs operator Exists',
      'Set key, or operator: Exists.',
    )
  if (value.operator === 'Exists' && isSaid(value.value))
    yield rejected(
      'bad_toleration',
      [...path, 'value'],
      'operator Exists does not accept a value',
      'Delete value, or write operator: Equal.',
    )
  const badValue = typeof value.value === 'string' ? labelValue(value.value) : undefined
  if (badValue !== undefined)
    yield rejected('bad_toleration', [...path, 'value'], `the value ${badValue}`, 'Correct the value.')
  if (typeof value.tolerationSeconds === 'number' && value.effect !== 'NoExecute')
    yield rejected(
      'bad_toleration',
      [...path, 'tolerationSeconds'],
      'tolerationSeconds needs effect NoExecute',
      'Delete it, or write effect: NoExecute.',
    )
}

/** Weights of preferences. */
const weight: Check = function* ({ value, path }) {
  const number = numberOf(value.weight)
  if (number !== undefined && (number < 1 || number > 100))
    yield rejected(
      'out_of_range',
      [...path, 'weight'],
      `the weight must be from 1 to 100, and is ${number}`,
      'Write 1 to 100.',
    )
}

const nodeSelector: Check = function* ({ value, path }) {
  if (Array.isArray(value.nodeSelectorTerms) && value.nodeSelectorTerms.length === 0)
    yield rejected('bad_affinity', [...path, 'nodeSelectorTerms'], 'terms must not be empty', 'Add a term.')
}

const nodeRequirement: Check = function* ({ value, path, above }) {
  const operator = textOf(value.operator)
  const key = textOf(value.key)
  const isField = path.includes('matchFields')
  const wrong = key === undefined || isField ? undefined : qualifiedName(key)
  if (wrong !== undefined)
    yield rejected('bad_affinity', [...path, 'key'], `the key ${wrong}`, 'Correct the key.')
  if (above !== undefined && isField && key !== undefined && key !== 'metadata.name')
    yield rejected(
      'bad_affinity',
      [...path, 'key'],
      'metadata.name is the only supported field',
      'Use matchExpressions.',
    )
  if (operator === undefined) return
  yield* valuesFit(operator, value.values, path)
  const values = listOf(value.values)
  if (/^(Gt|Lt)$/.test(operator) && (values.length !== 1 || !/^-?\d+$/.test(String(values[0]))))
    yield rejected(
      'bad_affinity',
      [...path, 'values'],
      `${operator} needs a single whole number as a string`,
      'Write ["5"].',
    )
}

const podTerm: Check = function* ({ value, path }) {
  yield* topology(value, path)
}

function* topology(value: Fields, path: Path): Issues {
  const key = textOf(value.topologyKey)
  const wrong = key === undefined ? undefined : qualifiedName(key)
  if (wrong !== undefined)
    yield rejected(
      'bad_affinity',
      [...path, 'topologyKey'],
      `topologyKey ${wrong}`,
      'Use kubernetes.io/hostname.',
    )
  yield* matchLabelKeys(value, path)
}

function* matchLabelKeys(value: Fields, path: Path): Issues {
  const keys = [...listOf(value.matchLabelKeys), ...listOf(value.mismatchLabelKeys)]
  if (keys.length > 0 && !isPlainObject(value.labelSelector))
    yield rejected('bad_selector', path, 'matchLabelKeys needs a labelSelector', 'Add labelSelector.')
  const seen = new Set<unknown>()
  const selector = fieldsIn(value.labelSelector)
  for (const key of keys) {
    if (seen.has(key))
      yield rejected(
        'duplicate_item',
        path,
        `the label ${String(key)} is listed twice`,
        'Delete one of them.',
      )
    seen.add(key)
  }
  if (path.includes('topologySpreadConstraints'))
    for (const key of keys)
      if (Object.hasOwn(fieldsIn(selector.matchLabels), String(key)))
        yield rejected(
          'bad_selector',
          path,
          `${String(key)} is in matchLabelKeys and in labelSelector`,
          'Keep only one.',
        )
}

const spread: Check = function* ({ value, path }) {
  const skew = numberOf(value.maxSkew)
  if (skew !== undefined && skew < 1)
    yield rejected('out_of_range', [...path, 'maxSkew'], 'maxSkew must be at least 1', 'Use 1 or more.')
  const domains = numberOf(value.minDomains)
  if (domains !== undefined && domains < 1)
    yield rejected('out_of_range', [...path, 'minDomains'], 'minDomains must be at least 1', 'Use 1 or more.')
  if (domains !== undefined && value.whenUnsatisfiable === 'ScheduleAnyway')
    yield rejected(
      'bad_spread',
      [...path, 'minDomains'],
      'minDomains needs whenUnsatisfiable: DoNotSchedule',
      'Delete it, or write DoNotSchedule.',
    )
  yield* topology(value, path)
}

const podScheduling: Check = function* ({ value, path }) {
  const seen = new Set<string>()
  for (const [index, one] of itemsOf(value.topologySpreadConstraints)) {
    const key = `${String(one.topologyKey)} and ${String(one.whenUnsatisfiable)}`
    if (seen.has(key))
      yield rejected(
        'duplicate_item',
        [...path, 'topologySpreadConstraints', index],
        `two constraints have ${key}`,
        'Keep only one of them.',
      )
    seen.add(key)
  }
  for (const [field, form] of [
    ['priorityClassName', dnsSubdomain],
    ['runtimeClassName', dnsSubdomain],
    ['serviceAccountName', dnsSubdomain],
    ['nodeName', dnsSubdomain],
  ] as const) {
    const name = textOf(value[field])
    const wrong = name === undefined ? undefined : form(name)
    if (wrong !== undefined)
      yield rejected('bad_name', [...path, field], `${field} ${wrong}`, 'Correct the name.')
  }
}

const taint: Check = function* ({ value, path }) {
  const key = textOf(value.key)
  const wrong = key === undefined ? undefined : qualifiedName(key)
  if (wrong !== undefined)
    yield rejected('bad_toleration', [...path, 'key'], `the key ${wrong}`, 'Correct the key.')
}

export const schedulingRule: LintRule = ruleOf({
  V1NodeSelector: nodeSelector,
  V1NodeSelectorRequirement: nodeRequirement,
  V1PodAffinityTerm: podTerm,
  V1PodSpec: podScheduling,
  V1PreferredSchedulingTerm: weight,
  V1Taint: taint,
  V1Toleration: toleration,
  V1TopologySpreadConstraint: spread,
  V1WeightedPodAffinityTerm: weight,
})
