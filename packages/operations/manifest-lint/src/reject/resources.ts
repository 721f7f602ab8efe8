/** Requests and limits of containers, and other amounts. */

import { isPlainObject } from '@hadal/base'
import { isWhole, type Path, quantityOf } from '@hadal/fleet'
import type { LintRule } from '../lint-rule.ts'
import { type Check, type Issues, rejected, ruleOf } from './check.ts'
import { qualifiedName } from './formats.ts'
import { aboveOf, fieldsIn, itemsOf, type Place } from './place.ts'

const standard = new Set(['cpu', 'memory', 'ephemeral-storage'])

const isHugePages = (name: string): boolean => name.startsWith('hugepages-')

/** What can be given out more than once: the others need equal requests and limits. */
const isShared = (name: string): boolean => standard.has(name)

const containerResources: Check = function* (place) {
  const { value, path, above } = place
  const isContainer = above?.type === 'V1Container' || above?.type === 'V1EphemeralContainer'
  const requests = fieldsIn(value.requests)
  const limits = fieldsIn(value.limits)
  for (const [side, amounts] of Object.entries({ limits, requests }))
    for (const [name, amount] of Object.entries(amounts))
      yield* amountIssues(name, amount, [...path, side, name])
  for (const [name, amount] of Object.entries(requests)) {
    const request = quantityOf(amount)
    const limit = quantityOf(limits[name])
    if (request === undefined) continue
    if (limit === undefined) {
      if (!isShared(name) && limits[name] === undefined)
        yield rejected(
          'requests_without_limits',
          [...path, 'requests', name],
          `${name} is requested without a limit, but extended resources need a limit`,
          `Set the same amount under limits; requests may then be omitted.`,
        )
    } else if (!isShared(name) && request !== limit)
      yield rejected(
        'requests_not_limits',
        [...path, 'requests', name],
        `${name} must have equal requests and limits (${String(amount)} and ${String(limits[name])})`,
        'Set the same amount in both, or set only limits.',
      )
    else if (request > limit)
      yield rejected(
        'requests_above_limits',
        [...path, 'requests', name],
        `the request of ${String(amount)} ${name} is above its limit of ${String(limits[name])}`,
        'Raise the limit, or request less.',
      )
  }
  const names = [...Object.keys(requests), ...Object.keys(limits)]
  if (isContainer && names.some(isHugePages) && !names.includes('cpu') && !names.includes('memory'))
    yield rejected(
      'bad_resource',
      path,
      'huge pages need a cpu or memory request as well',
      'Add cpu or memory.',
    )
  yield* claimIssues(place)
}

function* amountIssues(name: string, amount: unknown, path: Path): Issues {
  const wrong = qualifiedName(name)
  if (wrong !== undefined) {
    yield rejected('bad_resource', path, `the resource ${JSON.stringify(name)} ${wrong}`, 'Correct the name.')
    return
  }
  if (!name.includes('/') && !standard.has(name) && !isHugePages(name)) {
    yield rejected(
      'bad_resource',
      path,
      `unknown container resource ${name}: use cpu, memory, ephemeral-storage, hugepages-SIZE or a name with a domain`,
      /gpu/i.test(name) ? 'Use nvidia.com/gpu.' : 'Correct the name.',
    )
    return
  }
  const value = quantityOf(amount)
  if (value === undefined) return
  if (value < 0n) yield rejected('bad_quantity', path, `${String(amount)} is negative`, 'Use 0 or more.')
  else if (name.includes('/') && !isWhole(value))
    yield rejected(
      'bad_quantity',
      path,
      `${name} must be a whole number, and is ${String(amount)}`,
      'Use a whole number.',
    )
}

/** Devices that the pod claims, by the names that the pod gives them. */
function* claimIssues(place: Place): Issues {
  const pod = aboveOf(place, 'V1PodSpec')
  const known = itemsOf(fieldsIn(pod?.value).resourceClaims).map(([, { name }]) => name)
  const seen = new Set<string>()
  for (const [index, { name, request }] of itemsOf(place.value.claims)) {
    const at = [...place.path, 'claims', index]
    const key = `${String(name)}/${String(request)}`
    if (seen.has(key))
      yield rejected('duplicate_item', at, `the claim ${String(name)} is listed twice`, 'Delete one.')
    seen.add(key)
    if (pod !== undefined && !known.includes(name))
      yield rejected(
        'bad_resource',
        at,
        `the pod has no claim ${String(name)}`,
        'Add it to resourceClaims of the pod.',
      )
  }
}

/** Every amount of a map is at least 0. */
const notNegative = (...fields: readonly string[]): Check =>
  function* ({ value, path }) {
    for (const field of fields)
      for (const [name, amount] of Object.entries(fieldsIn(value[field]))) {
        const wrong = qualifiedName(name)
        if (wrong !== undefined)
          yield rejected('bad_resource', [...path, field, name], `the resource ${wrong}`, 'Correct the name.')
        const billionths = quantityOf(amount)
        if (billionths !== undefined && billionths < 0n)
          yield rejected(
            'bad_quantity',
            [...path, field, name],
            `${String(amount)} is negative`,
            'Use 0 or more.',
          )
      }
  }

/** In a LimitRange: min <= defaultRequest <= default <= max. */
const limitRangeItem: Check = function* ({ value, path }) {
  const { type } = value
  if (typeof type === 'string' && !/^(Container|Pod|PersistentVolumeClaim|.+\/.+)$/.test(type) && type !== '')
    yield rejected(
      'bad_value',
      [...path, 'type'],
      `type must be Container, Pod or PersistentVolumeClaim, and is ${type}`,
      'Use one of the allowed values.',
    )
  const order = ['min', 'defaultRequest', 'default', 'max']
  for (const [low, lower] of order.entries())
    for (const higher of order.slice(low + 1)) {
      if (!isPlainObject(value[lower]) || !isPlainObject(value[higher])) continue
      for (const [name, amount] of Object.entries(value[lower])) {
        const [a, b] = [quantityOf(amount), quantityOf(value[higher][name])]
        if (a !== undefined && b !== undefined && a > b)
          yield rejected(
            'bad_limit_range',
            [...path, lower, name],
            `${lower} of ${name} is above ${higher}`,
            `Keep min <= defaultRequest <= default <= max.`,
          )
      }
    }
  if (value.type === 'Pod' && (isPlainObject(value.default) || isPlainObject(value.defaultRequest)))
    yield rejected(
      'bad_limit_range',
      [...path, isPlainObject(value.default) ? 'default' : 'defaultRequest'],
      'limits of type Pod do not support defaults',
      'Delete it, or set type: Container.',
    )
}

export const resourcesRule: LintRule = ruleOf({
  V1LimitRangeItem: [notNegative('min', 'max', 'default', 'defaultRequest'), limitRangeItem],
  V1PersistentVolumeSpec: notNegative('capacity'),
  V1ResourceQuotaSpec: notNegative('hard'),
  V1ResourceRequirements: containerResources,
})
