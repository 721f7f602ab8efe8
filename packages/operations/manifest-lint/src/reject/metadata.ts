/** Names, namespaces, labels and annotations of any object. */

import { isPlainObject } from '@hadal/base'
import type { Issue, Path } from '@hadal/fleet'
import type { LintRule } from '../lint-rule.ts'
import { kindSchema } from '../schemas/schema-table.ts'
import { type Check, type Issues, rejected, ruleOf } from './check.ts'
import {
  dns1035Label,
  dnsLabel,
  dnsSubdomain,
  type Form,
  labelValue,
  pathSegment,
  qualifiedName,
} from './formats.ts'
import { fieldsIn, isSaid, listOf } from './place.ts'

/** Exceptions to RFC 1123 subdomain names. */
const nameForms: Readonly<Record<string, Form>> = {
  APIService: pathSegment,
  ClusterRole: pathSegment,
  ClusterRoleBinding: pathSegment,
  CronJob: (name) =>
    name.length > 52
      ? `has ${name.length} characters, and the limit for a CronJob is 52`
      : dnsSubdomain(name),
  Event: () => undefined,
  Namespace: dnsLabel,
  PodDisruptionBudget: pathSegment,
  Role: pathSegment,
  RoleBinding: pathSegment,
  Service: dns1035Label,
}

/** Bytes that etcd takes of one object. */
const objectLimit = 1.5 * 1024 * 1024

export const metadataRule: LintRule = ({ manifest }) => {
  const issues: Issue[] = []
  const metadata: unknown = manifest.metadata
  const schema = kindSchema(manifest.apiVersion, manifest.kind)
  if (!isPlainObject(metadata)) {
    // Other kinds may be files of settings that are no objects of a cluster.
    if ((metadata === undefined || metadata === null) && schema !== undefined)
      issues.push(rejected('missing_name', [], 'metadata.name is required', 'Add metadata: {name: ...}.'))
    return issues
  }
  const { name, generateName, namespace } = metadata
  if (typeof name === 'string' && name !== '') {
    const hasOwnForm = schema?.isBuiltIn === true && Object.hasOwn(nameForms, manifest.kind)
    const wrong = (hasOwnForm ? nameForms[manifest.kind]! : dnsSubdomain)(name)
    if (wrong !== undefined) issues.push(badName(['metadata', 'name'], name, wrong))
  } else if (!isSaid(name) && schema !== undefined) {
    const isGenerated = typeof generateName === 'string' && generateName !== ''
    issues.push(
      rejected(
        'missing_name',
        ['metadata'],
        isGenerated
          ? 'kubectl apply does not support generateName and needs a name'
          : 'the object has no name',
        'Add metadata.name.',
      ),
    )
  }
  if (typeof namespace === 'string' && namespace !== '') {
    const wrong = dnsLabel(namespace)
    if (wrong !== undefined) issues.push(badName(['metadata', 'namespace'], namespace, wrong))
    if (schema?.isNamespaced === false)
      issues.push({
        rule: 'namespace_on_cluster_kind',
        severity: 'advice',
        path: ['metadata', 'namespace'],
        reason: `${manifest.kind} is cluster-scoped, so the namespace is ignored`,
        fix: 'Delete metadata.namespace.',
      })
  }
  for (const field of ['managedFields', 'resourceVersion', 'uid'])
    if (isSaid(metadata[field]) && !(Array.isArray(metadata[field]) && metadata[field].length === 0))
      issues.push(
        rejected(
          'exported_field',
          ['metadata', field],
          `${field} is set by the cluster: other clusters reject it, and this one does after a change`,
          `Delete ${field}; also delete status, creationTimestamp and generation.`,
        ),
      )
  const bytes = Buffer.byteLength(JSON.stringify(manifest))
  if (bytes > objectLimit)
    issues.push(
      rejected(
        'object_too_large',
        [],
        `the object has ${(bytes / 1024 / 1024).toFixed(1)} MiB, and the limit of etcd is 1.5 MiB`,
        'Split it, or store the data outside the cluster.',
      ),
    )
  return issues
}

export function badName(path: Path, name: string, wrong: string): Issue {
  const better = name
    .toLowerCase()
    .replace(/[^a-z0-9.-]+/g, '-')
    .replace(/^[^a-z0-9]+|[^a-z0-9]+$/g, '')
  const isBetter = better !== '' && better !== name && dnsSubdomain(better) === undefined
  return rejected(
    'bad_name',
    path,
    `${JSON.stringify(short(name))} ${wrong}`,
    isBetter ? `Use ${better}.` : 'Choose another name.',
  )
}

/** Names go into messages whole, but not kilobytes of them. */
export const short = (text: string): string => (text.length > 80 ? `${text.slice(0, 80)}...` : text)

function* labels(value: unknown, path: Path): Issues {
  for (const [key, one] of Object.entries(fieldsIn(value))) {
    const wrongKey = qualifiedName(key)
    if (wrongKey !== undefined)
      yield badLabel([...path, key], `the key ${JSON.stringify(short(key))} ${wrongKey}`)
    const wrongValue = typeof one === 'string' ? labelValue(one) : undefined
    if (wrongValue !== undefined)
      yield badLabel([...path, key], `the value ${JSON.stringify(short(one as string))} ${wrongValue}`)
  }
}

const badLabel = (path: Path, reason: string): Issue =>
  rejected('bad_label', path, reason, 'Correct it, or use an annotation, which accepts any text.')

const objectMeta: Check = function* ({ value, path }) {
  yield* labels(value.labels, [...path, 'labels'])
  let bytes = 0
  for (const [key, one] of Object.entries(fieldsIn(value.annotations))) {
    // The server looks at annotations with small letters.
    const wrong = qualifiedName(key.toLowerCase())
    if (wrong !== undefined)
      yield rejected(
        'bad_annotation',
        [...path, 'annotations', key],
        `the key ${JSON.stringify(short(key))} ${wrong}`,
        'Use a key such as example.com/name.',
      )
    bytes += Buffer.byteLength(key) + (typeof one === 'string' ? Buffer.byteLength(one) : 0)
  }
  if (bytes > 256 * 1024)
    yield rejected(
      'bad_annotation',
      [...path, 'annotations'],
      `the annotations have ${Math.round(bytes / 1024)} KiB in total, and the limit is 256 KiB`,
      'Move large texts to a ConfigMap.',
    )
  for (const [index, finalizer] of listOf(value.finalizers).entries()) {
    const wrong = typeof finalizer === 'string' ? qualifiedName(finalizer) : undefined
    if (wrong !== undefined)
      yield rejected(
        'bad_name',
        [...path, 'finalizers', index],
        `the finalizer ${wrong}`,
        'Use a name such as example.com/name.',
      )
  }
}

/** Selectors that are plain maps of labels. */
const plainSelector = (field: string): Check =>
  function* ({ value, path }) {
    yield* labels(value[field], [...path, field])
  }

const labelSelector: Check = function* ({ value, path }) {
  yield* labels(value.matchLabels, [...path, 'matchLabels'])
}

/** Pod Security labels are the only ones whose values the server validates. */
const podSecurity: Check = function* ({ value, path }) {
  for (const [key, one] of Object.entries(fieldsIn(fieldsIn(value.metadata).labels))) {
    const [, mode, isVersion] =
      /^pod-security\.kubernetes\.io\/(enforce|audit|warn)(-version)?$/.exec(key) ?? []
    if (mode === undefined || typeof one !== 'string') continue
    const isRight = isVersion === undefined ? /^(privileged|baseline|restricted)$/ : /^(latest|v1\.\d+)$/
    if (!isRight.test(one))
      yield badLabel(
        [...path, 'metadata', 'labels', key],
        isVersion === undefined
          ? 'the level must be privileged, baseline or restricted'
          : 'the version must be latest or a version such as v1.33',
      )
  }
}

export const labelsRule: LintRule = ruleOf({
  V1Namespace: podSecurity,
  V1LabelSelector: labelSelector,
  V1ObjectMeta: objectMeta,
  V1PodSpec: plainSelector('nodeSelector'),
  V1ServiceSpec: plainSelector('selector'),
})
