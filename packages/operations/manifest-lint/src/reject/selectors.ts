/** Which pods a workload means: its selector must be there and must match its own template. */

import { isPlainObject } from '@hadal/base'
import type { Path } from '@hadal/fleet'
import type { LintRule } from '../lint-rule.ts'
import { type Check, type Issues, rejected, ruleOf } from './check.ts'
import { labelValue, qualifiedName } from './formats.ts'
import { type Fields, fieldsIn, itemsOf, listOf } from './place.ts'

const operators = ['In', 'NotIn', 'Exists', 'DoesNotExist']

const expressions: Check = function* ({ value, path }) {
  for (const [index, { key, operator, values }] of itemsOf(value.matchExpressions)) {
    const at = [...path, 'matchExpressions', index]
    const wrong = typeof key === 'string' && key !== '' ? qualifiedName(key) : undefined
    if (wrong !== undefined)
      yield rejected('bad_label', [...at, 'key'], `the key ${wrong}`, 'Correct the key.')
    if (typeof operator !== 'string' || operator === '') continue
    if (!operators.includes(operator))
      yield rejected(
        'bad_value',
        [...at, 'operator'],
        `operator must be one of ${operators.join(', ')}, and is ${operator}`,
        'Use one of the allowed values.',
      )
    else yield* valuesFit(operator, values, at)
    for (const [place, one] of listOf(values).entries()) {
      const badValue = typeof one === 'string' ? labelValue(one) : undefined
      if (badValue !== undefined)
        yield rejected('bad_label', [...at, 'values', place], `the value ${badValue}`, 'Correct the value.')
    }
  }
}

/** In and NotIn need values, Exists and DoesNotExist take none. */
export function* valuesFit(operator: string, values: unknown, at: Path): Issues {
  const count = listOf(values).length
  if (/^(In|NotIn)$/.test(operator) && count === 0)
    yield rejected('bad_selector', at, `${operator} needs values`, 'Add values, or use Exists.')
  if (/Exist/.test(operator) && count > 0)
    yield rejected(
      'bad_selector',
      [...at, 'values'],
      `${operator} does not accept values`,
      'Delete values, or use In.',
    )
}

/** Whether labels are what a label selector wants. */
export function selects(selector: Fields, labels: Fields): boolean {
  for (const [key, value] of Object.entries(fieldsIn(selector.matchLabels)))
    if (labels[key] !== value) return false
  return itemsOf(selector.matchExpressions).every(([, { key, operator, values }]) => {
    const isThere = typeof key === 'string' && Object.hasOwn(labels, key)
    if (operator === 'Exists') return isThere
    if (operator === 'DoesNotExist') return !isThere
    const isListed = isThere && listOf(values).includes(labels[key as string])
    return operator === 'NotIn' ? !isListed : isListed
  })
}

const workload: Check = function* ({ value, path, root }) {
  const { selector, template } = value
  if (!isPlainObject(selector)) return
  const isEmpty =
    Object.keys(fieldsIn(selector.matchLabels)).length + listOf(selector.matchExpressions).length === 0
  const { kind } = root.manifest
  if (isEmpty) {
    yield rejected(
      'bad_selector',
      [...path, 'selector'],
      `the selector of a ${kind} must not be empty`,
      'Set matchLabels to the labels of the template.',
    )
    return
  }
  const labels = fieldsIn(fieldsIn(fieldsIn(template).metadata).labels)
  if (isPlainObject(template) && !selects(selector, labels))
    yield rejected(
      'selector_mismatch',
      [...path, 'template', 'metadata', 'labels'],
      `the selector does not match the labels of the template (${wantedText(selector)})`,
      'Make the labels of the template and the selector match.',
    )
}

function wantedText(selector: Fields): string {
  const labels = Object.entries(fieldsIn(selector.matchLabels)).map(
    ([key, value]) => `${key}=${String(value)}`,
  )
  return `wanted: ${[...labels, ...itemsOf(selector.matchExpressions).map(([, one]) => `${one.key} ${one.operator}`)].join(', ')}`
}

/** A replication controller's selector is a plain map, and is defaulted if missing. */
const replicationController: Check = function* ({ value, path }) {
  const labels = fieldsIn(fieldsIn(fieldsIn(value.template).metadata).labels)
  const selector = fieldsIn(value.selector)
  if (Object.keys(selector).length > 0 && !selects({ matchLabels: selector }, labels))
    yield rejected(
      'selector_mismatch',
      [...path, 'template', 'metadata', 'labels'],
      'the selector does not match the labels of the template',
      'Add the labels of the selector to the template.',
    )
}

export const selectorsRule: LintRule = ruleOf({
  V1DaemonSetSpec: workload,
  V1DeploymentSpec: workload,
  V1LabelSelector: expressions,
  V1ReplicaSetSpec: workload,
  V1ReplicationControllerSpec: replicationController,
  V1StatefulSetSpec: workload,
})
