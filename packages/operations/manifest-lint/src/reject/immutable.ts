/** Fields that cannot be changed, against the objects as they are now. */

import { isPlainObject } from '@hadal/base'
import { type Issue, type Path, quantityOf } from '@hadal/fleet'
import type { LintRule } from '../lint-rule.ts'
import { kindSchema } from '../schemas/schema-table.ts'
import { sameObjects } from './application.ts'
import { rejected } from './check.ts'
import { type Fields, fieldsIn, isSaid, listOf, textOf } from './place.ts'

type Compare = (now: Fields, before: Fields) => readonly Issue[]

const recreate = 'Restore the old value, or delete and recreate the object.'

export const immutableRule: LintRule = (object, { before }) => {
  const old = sameObjects(before, object)[0]
  if (old === undefined) return []
  const { apiVersion, kind } = object.manifest
  // Others have kinds of the same names, which are other things.
  if (kindSchema(apiVersion, kind) === undefined) return []
  return Object.hasOwn(compares, kind) ? compares[kind]!(object.manifest, old.manifest) : []
}

/** Fields below a path: each one set now must be unchanged. */
const kept =
  (at: Path, ...names: readonly string[]): Compare =>
  (now, before) =>
    names.flatMap((name) => {
      const [a, b] = [read(now, [...at, name]), read(before, [...at, name])]
      return a === undefined || same(a, b) ? [] : [changed([...at, name])]
    })

/** The same, where leaving it out is a change as well. */
const keptWhole =
  (...path: Path): Compare =>
  (now, before) => {
    const [a, b] = [read(now, path), read(before, path)]
    return equal(a, b) ? [] : [changed(a === undefined ? path.slice(0, -1) : path, String(path.at(-1)))]
  }

const all =
  (...list: readonly Compare[]): Compare =>
  (now, before) =>
    list.flatMap((one) => one(now, before))

function changed(path: Path, name: string = String(path.at(-1))): Issue {
  return rejected('immutable_field', path, `${name} is immutable`, recreate)
}

/** The only mutable fields of a StatefulSet. */
const changeable = new Set([
  'minReadySeconds',
  'ordinals',
  'persistentVolumeClaimRetentionPolicy',
  'replicas',
  'revisionHistoryLimit',
  'template',
  'updateStrategy',
])

const statefulSet: Compare = (now, before) => {
  const [a, b] = [fieldsIn(now.spec), fieldsIn(before.spec)]
  const names = Object.keys(a).filter((name) => !changeable.has(name) && name !== 'selector')
  const gone = ['serviceName', 'volumeClaimTemplates'].filter(
    (name) => isFilled(b[name]) && !isFilled(a[name]),
  )
  return [
    ...keptWhole('spec', 'selector')(now, before),
    ...names.filter((name) => !same(a[name], b[name])).map((name) => changed(['spec', name])),
    ...gone.filter((name) => !names.includes(name)).map((name) => changed(['spec'], name)),
  ]
}

const isFilled = (value: unknown): boolean => isSaid(value) && !(Array.isArray(value) && value.length === 0)

const job: Compare = (now, before) => {
  const list = [
    'selector',
    'completionMode',
    'podFailurePolicy',
    'backoffLimitPerIndex',
    'managedBy',
    'successPolicy',
  ]
  const found = kept(['spec'], ...list)(now, before)
  const [a, b] = [fieldsIn(now.spec), fieldsIn(before.spec)]
  // Indexed Jobs may grow and shrink, parallelism with completions.
  const isElastic = b.completionMode === 'Indexed' && a.completions === a.parallelism
  const counts = isElastic ? [] : kept(['spec'], 'completions')(now, before)
  // While a Job is suspended its queue may still decide where its pods go.
  const template = b.suspend === true ? [] : kept(['spec'], 'template')(now, before)
  return [...found, ...counts, ...template]
}

const service: Compare = (now, before) => {
  const [a, b] = [fieldsIn(now.spec), fieldsIn(before.spec)]
  const wasOutside = b.type === 'ExternalName' || a.type === 'ExternalName'
  const isAnother = isSaid(a.clusterIP) && a.clusterIP !== (textOf(b.clusterIP) ?? '(given by the cluster)')
  return !wasOutside && isAnother ? [changed(['spec', 'clusterIP'])] : []
}

const claim: Compare = (now, before) => {
  const [a, b] = [fieldsIn(now.spec), fieldsIn(before.spec)]
  const free = new Set(['resources', 'volumeAttributesClassName', 'volumeName'])
  const found = Object.keys(a)
    .filter((name) => !free.has(name) && !same(a[name], b[name]))
    .map((name) => changed(['spec', name]))
  const path = ['resources', 'requests', 'storage']
  const [size, was] = [quantityOf(read(a, path)), quantityOf(read(b, path))]
  if (size !== undefined && was !== undefined && size < was)
    found.push(
      rejected(
        'immutable_field',
        ['spec', ...path],
        'the storage of a claim cannot shrink',
        'Use the old size or a larger one.',
      ),
    )
  return found
}

/** A ConfigMap or Secret that said so. */
const frozen: Compare = (now, before) => {
  if (before.immutable !== true) return []
  const issues = ['data', 'binaryData', 'stringData']
    .filter((name) => now[name] !== undefined || (before[name] !== undefined && name !== 'stringData'))
    .filter((name) => !equal(contents(now), contents(before)) && isPlainObject(now[name] ?? before[name]))
    .slice(0, 1)
    .map((name) =>
      rejected('immutable_field', now[name] === undefined ? [] : [name], 'immutable: true was set', recreate),
    )
  if (now.immutable !== true)
    issues.push(rejected('immutable_field', [], 'immutable: true cannot be reverted', 'Use immutable: true.'))
  return issues
}

/** Content of a Secret or ConfigMap, all of it in base64. */
function contents(manifest: Fields): Fields {
  const isSecret = manifest.kind === 'Secret'
  const plain = Object.entries(fieldsIn(isSecret ? manifest.stringData : manifest.data))
  const encoded = plain.map(([key, one]) => [key, Buffer.from(String(one)).toString('base64')] as const)
  const binary = Object.entries(fieldsIn(isSecret ? manifest.data : manifest.binaryData))
  const bare = binary.map(([key, one]) => [key, String(one).replace(/\s/g, '')] as const)
  return Object.fromEntries([...bare, ...encoded])
}

const pod: Compare = (now, before) => {
  const [a, b] = [fieldsIn(now.spec), fieldsIn(before.spec)]
  const free = new Set([
    'activeDeadlineSeconds',
    'containers',
    'initContainers',
    'terminationGracePeriodSeconds',
    'tolerations',
  ])
  const found = Object.keys(a)
    .filter((name) => !free.has(name) && !same(a[name], b[name]))
    .map((name) => changed(['spec', name]))
  for (const list of ['containers', 'initContainers']) {
    const plain = (spec: Fields): unknown =>
      listOf(spec[list]).map((one) => ({ ...fieldsIn(one), image: '', resources: {} }))
    if (a[list] !== undefined && !same(plain(a), plain(b))) found.push(changed(['spec', list]))
  }
  return found
}

const compares: Readonly<Record<string, Compare>> = {
  ClusterRoleBinding: keptWhole('roleRef'),
  ConfigMap: frozen,
  CustomResourceDefinition: kept(['spec'], 'group', 'scope'),
  DaemonSet: keptWhole('spec', 'selector'),
  Deployment: keptWhole('spec', 'selector'),
  IngressClass: kept(['spec'], 'controller'),
  Job: job,
  JobSet: kept(['spec'], 'replicatedJobs'),
  PersistentVolumeClaim: claim,
  Pod: pod,
  PriorityClass: kept([], 'value', 'preemptionPolicy'),
  ReplicaSet: keptWhole('spec', 'selector'),
  RoleBinding: keptWhole('roleRef'),
  RuntimeClass: kept([], 'handler'),
  Secret: all(frozen, kept([], 'type')),
  Service: service,
  StatefulSet: statefulSet,
  StorageClass: kept([], 'provisioner', 'parameters', 'reclaimPolicy', 'volumeBindingMode'),
}

function read(value: unknown, path: Path): unknown {
  let at: unknown = value
  for (const step of path) at = fieldsIn(at)[step]
  return at
}

/** Whether everything set now was the same before; values the server has filled in since may exist alongside. */
function same(now: unknown, before: unknown): boolean {
  if (now === null || now === undefined) return true
  if (Array.isArray(now)) {
    const list = listOf(before)
    return list.length === now.length && now.every((one, index) => same(one, list[index]))
  }
  if (isPlainObject(now)) {
    const areKept = Object.entries(now).every(([key, one]) => same(one, fieldsIn(before)[key]))
    return areKept && (isPlainObject(before) || Object.keys(now).length === 0)
  }
  return sameScalar(now, before)
}

/** Whether both say the same, with nothing alongside it. */
function equal(a: unknown, b: unknown): boolean {
  if (!isSaid(a) || !isSaid(b)) return isSaid(a) === isSaid(b)
  if (Array.isArray(a)) {
    const list = listOf(b)
    return list.length === a.length && a.every((one, index) => equal(one, list[index]))
  }
  if (!isPlainObject(a)) return sameScalar(a, b)
  const other = fieldsIn(b)
  return [...new Set([...Object.keys(a), ...Object.keys(other)])].every((key) => equal(a[key], other[key]))
}

function sameScalar(a: unknown, b: unknown): boolean {
  if (a === b) return true
  const [x, y] = [quantityOf(a), quantityOf(b)]
  return x !== undefined && x === y
}
