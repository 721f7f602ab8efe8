/** Differences between two states of an object, by field. Excludes values of secrets. */

import { isPlainObject } from '@hadal/base'
import { redactText } from '@hadal/config'
import type { Manifest } from '../../manifest.ts'
import { readQuantity } from '../../quantity.ts'
import type { KubeObject } from '../kube-objects.ts'
import { ownedFields } from './owned-fields.ts'

export interface FieldChange {
  /** `spec.template.spec.containers[engine].image`. */
  readonly path: string
  /** Undefined if absent. */
  readonly before: unknown
  readonly after: unknown
}

export const hiddenValue = '(hidden)'

/** From the live object to what an API server would keep. */
export function changesOf(live: KubeObject, after: KubeObject): FieldChange[] {
  const changes: FieldChange[] = []
  compare('', withoutServerFields(live), withoutServerFields(after), changes, 'whole')
  return hideSecrets(live.kind, changes)
}

/** The same without a server: fields that the manifest names, and those that we once applied and it no longer names. */
export function estimatedChanges(live: KubeObject, wanted: Manifest, manager: string): FieldChange[] {
  const changes: FieldChange[] = []
  const current = withoutServerFields(live)
  compare('', current, withoutServerFields(wanted), changes, 'named')
  const { metadata: _, ...applied } = ownedFields(live, manager)
  const gone: FieldChange[] = []
  compare('', withoutServerFields(wanted), applied, gone, 'named')
  for (const { path, before, after } of gone)
    if (before === undefined) changes.push({ path, before: after, after: undefined })
  return hideSecrets(wanted.kind, changes)
}

/** Whether pods are replaced by such changes. */
export const restartsPods = ({ kind }: Manifest, changes: readonly FieldChange[]): boolean =>
  /^(Deployment|StatefulSet|DaemonSet|LeaderWorkerSet)$/.test(kind) &&
  changes.some(({ path }) => /^spec\.(template|leaderWorkerTemplate)\b/.test(path))

const serverMetadata = new Set([
  'managedFields',
  'resourceVersion',
  'generation',
  'uid',
  'creationTimestamp',
  'selfLink',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
  'ownerReferences',
])

/**
 * When it was last applied: on what belongs to one rollout. It is no change by itself.
 *
 * @internal
 */
export const rolloutAnnotation = 'hadal.dev/rollout'

const serverAnnotations = new Set([
  'deployment.kubernetes.io/revision',
  'kubectl.kubernetes.io/last-applied-configuration',
  rolloutAnnotation,
])

export function withoutServerFields(object: Manifest): Record<string, unknown> {
  const { status: _, metadata, ...rest } = object
  const kept = Object.fromEntries(Object.entries(metadata).filter(([key]) => !serverMetadata.has(key)))
  if (metadata.annotations !== undefined) {
    const annotations = Object.entries(metadata.annotations).filter(([key]) => !serverAnnotations.has(key))
    if (annotations.length > 0) kept.annotations = Object.fromEntries(annotations)
    else delete kept.annotations
  }
  return { ...rest, metadata: kept }
}

type Extent = 'whole' | 'named'

function compare(path: string, before: unknown, after: unknown, into: FieldChange[], extent: Extent): void {
  if (isSame(before, after)) return
  if (isPlainObject(before) && isPlainObject(after)) {
    const keys =
      extent === 'named' ? Object.keys(after) : [...new Set([...Object.keys(before), ...Object.keys(after)])]
    for (const key of keys) compare(join(path, key), before[key], after[key], into, extent)
    return
  }
  if (Array.isArray(before) && Array.isArray(after)) {
    const key = keyOfItems([...before, ...after])
    if (key !== undefined) {
      compareItems(path, key, before, after, into, extent)
      return
    }
    if (before.length === after.length && before.every((each, index) => isSame(each, after[index]))) return
  }
  // An API server omits empty values.
  if (extent === 'named' && before === undefined && isEmpty(after)) return
  into.push({ path, before, after })
}

function compareItems(
  path: string,
  key: string,
  before: readonly unknown[],
  after: readonly unknown[],
  into: FieldChange[],
  extent: Extent,
): void {
  const keyed = (items: readonly unknown[]): Map<string, unknown> =>
    new Map(items.map((item) => [String((item as Record<string, unknown>)[key]), item]))
  const [old, fresh] = [keyed(before), keyed(after)]
  const names = extent === 'named' ? fresh.keys() : new Set([...old.keys(), ...fresh.keys()])
  for (const name of names) compare(`${path}[${name}]`, old.get(name), fresh.get(name), into, extent)
}

/** By what items of a list are distinguished, when all have it and no two have the same. */
function keyOfItems(items: readonly unknown[]): string | undefined {
  if (items.length === 0 || !items.every(isPlainObject)) return undefined
  return ['name', 'mountPath', 'containerPort', 'port'].find((key) =>
    items.every((item) => item[key] !== undefined),
  )
}

function isSame(before: unknown, after: unknown): boolean {
  if (before === after) return true
  if (isPlainObject(before) && isPlainObject(after)) {
    const keys = new Set([...Object.keys(before), ...Object.keys(after)])
    return [...keys].every((key) => isSame(before[key], after[key]))
  }
  if (Array.isArray(before) && Array.isArray(after))
    return before.length === after.length && before.every((each, index) => isSame(each, after[index]))
  if (isScalar(before) && isScalar(after)) {
    if (typeof before === 'number' && typeof after === 'number') return false
    const [left, right] = [readQuantity(before), readQuantity(after)]
    return left !== undefined && left === right
  }
  return false
}

function hideSecrets(kind: string, changes: readonly FieldChange[]): FieldChange[] {
  return changes.map((change) => {
    const isHidden = kind === 'Secret' && /^(data|stringData)\b/.test(change.path)
    return isHidden
      ? { ...change, before: hide(change.before), after: hide(change.after) }
      : hideVariables(change)
  })
}

const hide = (value: unknown): unknown => (value === undefined ? undefined : hiddenValue)
/** Names of secret variables. Fields may match without being secret: `secretKeyRef`, `tolerations[].key`. */
const secretName = /key|token|secret|passw|passphrase|credential|_pat$/i

/** Other people's manifests have keys in variables. */
function hideVariables(change: FieldChange): FieldChange {
  const named = /\.env\[([^\]]+)\](\.value)?$/.exec(change.path)
  if (named !== null)
    return secretName.test(named[1]!)
      ? { ...change, before: hideValue(change.before), after: hideValue(change.after) }
      : { ...change, before: hideDeep(change.before), after: hideDeep(change.after) }
  return { ...change, before: hideDeep(change.before), after: hideDeep(change.after) }
}

const hideValue = (value: unknown): unknown =>
  isPlainObject(value) ? ('value' in value ? { ...value, value: hiddenValue } : value) : hide(value)

/** Addresses may have a password in them wherever they stand. */
function hideDeep(value: unknown): unknown {
  if (typeof value === 'string') return redactText(value)
  if (Array.isArray(value)) return value.map(hideDeep)
  if (!isPlainObject(value)) return value
  if (typeof value.name === 'string' && typeof value.value === 'string' && secretName.test(value.name))
    return { ...value, value: hiddenValue }
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, hideDeep(each)]))
}

const join = (path: string, key: string): string =>
  /^[\w-]+$/.test(key) ? (path === '' ? key : `${path}.${key}`) : `${path}[${key}]`
const isScalar = (value: unknown): value is string | number =>
  typeof value === 'string' || typeof value === 'number'
const isEmpty = (value: unknown): boolean =>
  value === null ||
  value === '' ||
  (Array.isArray(value) && value.length === 0) ||
  (isPlainObject(value) && Object.keys(value).length === 0)
