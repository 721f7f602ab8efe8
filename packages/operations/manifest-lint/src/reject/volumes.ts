/** Volumes of a pod and where containers mount them. */

import { isPlainObject } from '@hadal/base'
import { type Path, quantityOf } from '@hadal/fleet'
import type { LintRule } from '../lint-rule.ts'
import { fieldsOf } from '../schemas/schema-table.ts'
import { type Check, type Issues, rejected, ruleOf } from './check.ts'
import { configKey, dnsLabel } from './formats.ts'
import { badName } from './metadata.ts'
import { aboveOf, type Fields, fieldsIn, isSaid, itemsOf, listOf, numberOf, textOf } from './place.ts'

const podVolumes: Check = function* (place) {
  const { value, path, above } = place
  const names = new Set<string>()
  for (const [index, volume] of itemsOf(value.volumes)) {
    const at = [...path, 'volumes', index]
    const name = textOf(volume.name)
    const wrong = name === undefined ? undefined : dnsLabel(name)
    if (name !== undefined && wrong !== undefined) yield badName([...at, 'name'], name, wrong)
    if (name !== undefined && names.has(name))
      yield rejected(
        'duplicate_volume',
        [...at, 'name'],
        `volume name ${name} is not unique`,
        'Give each a unique name.',
      )
    if (name !== undefined) names.add(name)
  }
  // A StatefulSet makes volumes of its claims; the server takes its mounts whatever they name, pods do not.
  for (const [, claim] of itemsOf(fieldsIn(above?.above?.value).volumeClaimTemplates)) {
    const name = textOf(fieldsIn(claim.metadata).name)
    if (name !== undefined) names.add(name)
  }
  // A JobSet may make volumes of claims, too, which its pods name only in mounts.
  const jobSet = aboveOf(place, 'jobset.Spec')
  if (
    listOf(jobSet?.value.volumeClaimPolicies).length > 0 ||
    jobSet?.above?.type === 'trainer.JobSetTemplate'
  )
    return
  for (const list of ['initContainers', 'containers'])
    for (const [index, container] of itemsOf(value[list]))
      yield* mounts(container, names, [...path, list, index])
}

function* mounts(container: Fields, names: ReadonlySet<string>, at: Path): Issues {
  const paths = new Set<string>()
  const devices = new Set(itemsOf(container.volumeDevices).map(([, { name }]) => name))
  for (const [index, mount] of itemsOf(container.volumeMounts)) {
    const here = [...at, 'volumeMounts', index]
    const name = textOf(mount.name)
    if (name !== undefined && !names.has(name))
      yield rejected(
        'unknown_volume',
        [...here, 'name'],
        `the pod has no volume ${name}${names.size > 0 ? ` (it has ${[...names].join(', ')})` : ''}`,
        'Add it under volumes, or correct the name.',
      )
    if (devices.has(mount.name))
      yield rejected(
        'bad_mount',
        [...here, 'name'],
        `${name} is used both as a mount and as a device`,
        'Keep only one of the two.',
      )
    const path = textOf(mount.mountPath)
    if (path !== undefined && paths.has(path))
      yield rejected(
        'duplicate_mount',
        [...here, 'mountPath'],
        `two volumes are mounted at ${path}`,
        'Use different mount paths.',
      )
    if (path !== undefined) paths.add(path)
    for (const side of ['subPath', 'subPathExpr']) {
      const sub = textOf(mount[side])
      if (sub !== undefined && (sub.startsWith('/') || sub.split('/').includes('..')))
        yield rejected(
          'bad_mount',
          [...here, side],
          `${side} must be relative and must not contain ..`,
          'Use a relative path.',
        )
    }
    if (isSaid(mount.subPath) && isSaid(mount.subPathExpr))
      yield rejected(
        'bad_mount',
        here,
        'subPath and subPathExpr are mutually exclusive',
        'Keep only one of them.',
      )
    if (mount.mountPropagation === 'Bidirectional' && fieldsIn(container.securityContext).privileged !== true)
      yield rejected(
        'bad_mount',
        [...here, 'mountPropagation'],
        'Bidirectional needs a privileged container',
        'Use HostToContainer.',
      )
  }
}

const oneSource: Check = function* ({ value, path }) {
  const sources = [...fieldsOf('V1Volume').keys()].filter((name) => name !== 'name')
  const said = sources.filter((name) => isPlainObject(value[name]))
  if (said.length === 0)
    yield {
      rule: 'volume_source',
      severity: 'harmful',
      path,
      reason: 'the volume has no source and becomes an empty directory',
      fix: 'Set the intended source: configMap, secret, persistentVolumeClaim, or emptyDir: {}.',
    }
  if (said.length > 1)
    yield rejected(
      'volume_source',
      [...path, said[1]!],
      `the volume has ${said.length} sources: ${said.join(', ')}`,
      'Keep one, and move the others to separate volumes.',
    )
}

/** A file mode is 0 to 0777, which is 511 in decimal. */
const mode = (...fields: readonly string[]): Check =>
  function* ({ value, path }) {
    for (const field of fields) {
      const number = numberOf(value[field])
      if (number === undefined || (number >= 0 && number <= 0o777)) continue
      const octal = /^[0-7]{3}$/.test(String(number))
        ? ` (0${number} is octal; JSON needs ${Number.parseInt(String(number), 8)})`
        : ''
      yield rejected(
        'bad_mode',
        [...path, field],
        `${number} is above 0777, which is 511`,
        `Use octal notation${octal}.`,
      )
    }
  }

const keyToPath: Check = function* ({ value, path }) {
  const key = textOf(value.key)
  const wrong = key === undefined ? undefined : configKey(key)
  if (wrong !== undefined) yield rejected('bad_key', [...path, 'key'], `the key ${wrong}`, 'Correct the key.')
  yield* relative(value, path)
}

function* relative(value: Fields, path: Path): Issues {
  const file = textOf(value.path)
  if (file === undefined) return
  const steps = file.split('/')
  if (file.startsWith('/') || steps.includes('..') || file.startsWith('..'))
    yield rejected(
      'bad_mount',
      [...path, 'path'],
      'the path must be relative and must not contain ..',
      'Use a relative path.',
    )
}

const relativePath: Check = function* ({ value, path }) {
  yield* relative(value, path)
}

const named = (field: string): Check =>
  function* ({ value, path }) {
    if (!isSaid(value[field]))
      yield rejected('missing_field', path, `the field ${field} is required`, `Add ${field}.`)
  }

const hostPath: Check = function* ({ value, path }) {
  if (textOf(value.path)?.split('/').includes('..') === true)
    yield rejected('bad_mount', [...path, 'path'], 'a host path must not contain ..', 'Use an absolute path.')
}

const emptyDir: Check = function* ({ value, path }) {
  const size = isSaid(value.sizeLimit) ? quantityOf(value.sizeLimit) : undefined
  if (size !== undefined && size < 0n)
    yield rejected('bad_quantity', [...path, 'sizeLimit'], 'sizeLimit is negative', 'Use 0 or more.')
  const medium = textOf(value.medium)
  if (medium !== undefined && medium !== 'Memory' && !medium.startsWith('HugePages'))
    yield {
      rule: 'bad_value',
      severity: 'harmful',
      path: [...path, 'medium'],
      reason: `the medium ${medium} is not supported: the pod never starts`,
      fix: 'Use Memory, or delete the field.',
    }
}

const nfs: Check = function* ({ value, path }) {
  const at = textOf(value.path)
  if (at !== undefined && !at.startsWith('/'))
    yield rejected(
      'bad_mount',
      [...path, 'path'],
      'the path of NFS must start with /',
      'Use an absolute path.',
    )
}

const projection: Check = function* ({ value, path }) {
  const said = Object.keys(value).filter((name) => isPlainObject(value[name]))
  if (said.length > 1)
    yield rejected(
      'volume_source',
      path,
      `a projected source sets ${said.join(' and ')}, which are mutually exclusive`,
      'Make each a separate item.',
    )
}

const downwardFile: Check = function* ({ value, path }) {
  const said = ['fieldRef', 'resourceFieldRef'].filter((name) => isPlainObject(value[name]))
  if (said.length !== 1)
    yield rejected(
      'volume_source',
      path,
      'a file must set exactly one of fieldRef and resourceFieldRef',
      'Set exactly one.',
    )
  yield* relative(value, path)
}

const serviceAccountToken: Check = function* ({ value, path }) {
  const seconds = numberOf(value.expirationSeconds)
  if (seconds !== undefined && (seconds < 600 || seconds > 2 ** 32))
    yield rejected(
      'out_of_range',
      [...path, 'expirationSeconds'],
      'expirationSeconds must be at least 600',
      'Use 600 or more.',
    )
  yield* relative(value, path)
}

export const volumesRule: LintRule = ruleOf({
  V1ConfigMapProjection: named('name'),
  V1ConfigMapVolumeSource: [named('name'), mode('defaultMode')],
  V1DownwardAPIVolumeFile: [downwardFile, mode('mode')],
  V1DownwardAPIVolumeSource: mode('defaultMode'),
  V1EmptyDirVolumeSource: emptyDir,
  V1HostPathVolumeSource: hostPath,
  V1KeyToPath: [keyToPath, mode('mode')],
  V1NFSVolumeSource: nfs,
  V1PodSpec: podVolumes,
  V1ProjectedVolumeSource: mode('defaultMode'),
  V1SecretProjection: named('name'),
  V1SecretVolumeSource: [named('secretName'), mode('defaultMode')],
  V1ServiceAccountTokenProjection: serviceAccountToken,
  V1Volume: oneSource,
  V1VolumeProjection: projection,
  V1ClusterTrustBundleProjection: relativePath,
})
