/** Volume claims, volumes and storage classes. */

import { isPlainObject } from '@hadal/base'
import { type Path, quantityOf } from '@hadal/fleet'
import type { LintRule } from '../lint-rule.ts'
import { fieldsOf } from '../schemas/schema-table.ts'
import { type Check, type Issues, rejected, ruleOf } from './check.ts'
import { dnsSubdomain, qualifiedName } from './formats.ts'
import { badName } from './metadata.ts'
import { type Fields, fieldsIn, isSaid, listOf, textOf } from './place.ts'

const modes = ['ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOnce', 'ReadWriteOncePod']

function* accessModes(value: Fields, path: Path): Issues {
  // A value that is no list is reported with its type.
  if (value.accessModes !== undefined && !Array.isArray(value.accessModes)) return
  const list = listOf(value.accessModes)
  if (list.length === 0)
    yield rejected('missing_field', path, 'accessModes is required', 'Add accessModes: [ReadWriteOnce].')
  for (const [index, mode] of list.entries())
    if (!modes.includes(String(mode)))
      yield rejected(
        'bad_value',
        [...path, 'accessModes', index],
        `the access mode must be one of ${modes.join(', ')}, and is ${String(mode)}`,
        'Use one of the allowed values.',
      )
  if (list.includes('ReadWriteOncePod') && list.length > 1)
    yield rejected(
      'bad_claim',
      [...path, 'accessModes'],
      'ReadWriteOncePod cannot be combined with other access modes',
      'Delete the others.',
    )
}

function* className(value: Fields, path: Path): Issues {
  const name = textOf(value.storageClassName)
  const wrong = name === undefined ? undefined : dnsSubdomain(name)
  if (name !== undefined && wrong !== undefined) yield badName([...path, 'storageClassName'], name, wrong)
}

const claim: Check = function* ({ value, path }) {
  yield* accessModes(value, path)
  yield* className(value, path)
  const requests = fieldsIn(fieldsIn(value.resources).requests)
  const storage = quantityOf(requests.storage)
  if (!isSaid(requests.storage))
    yield rejected(
      'missing_field',
      path,
      'the claim must request storage',
      'Add resources: {requests: {storage: 10Gi}}.',
    )
  else if (storage !== undefined && storage <= 0n)
    yield rejected(
      'bad_quantity',
      [...path, 'resources', 'requests', 'storage'],
      'the amount must be above 0',
      'Use an amount such as 10Gi.',
    )
}

const volume: Check = function* ({ value, path }) {
  yield* accessModes(value, path)
  yield* className(value, path)
  const capacity = fieldsIn(value.capacity)
  const storage = quantityOf(capacity.storage)
  if (!isSaid(capacity.storage))
    yield rejected(
      'missing_field',
      path,
      'the volume has no capacity.storage',
      'Add capacity: {storage: 10Gi}.',
    )
  else if (storage !== undefined && storage <= 0n)
    yield rejected(
      'bad_quantity',
      [...path, 'capacity', 'storage'],
      'the amount must be above 0',
      'Write 10Gi.',
    )
  const others =
    /^(accessModes|capacity|claimRef|mountOptions|nodeAffinity|persistentVolumeReclaimPolicy|storageClassName|volume.*)$/
  const sources = [...fieldsOf('V1PersistentVolumeSpec').keys()].filter((name) => !others.test(name))
  const said = sources.filter((name) => isPlainObject(value[name]))
  if (said.length !== 1)
    yield rejected(
      'volume_source',
      path,
      said.length === 0
        ? 'the volume has no source'
        : `the volume sets ${said.join(' and ')}, which are mutually exclusive`,
      'Set exactly one: csi, nfs, hostPath, local ...',
    )
  if (isPlainObject(value.local) && !isPlainObject(value.nodeAffinity))
    yield rejected('missing_field', path, 'a local volume needs nodeAffinity', 'Add nodeAffinity.')
  if (
    value.persistentVolumeReclaimPolicy === 'Recycle' &&
    isPlainObject(value.hostPath) &&
    value.hostPath.path === '/'
  )
    yield rejected(
      'bad_claim',
      [...path, 'persistentVolumeReclaimPolicy'],
      'the path / cannot be recycled',
      'Set Retain.',
    )
}

const storageClass: Check = function* ({ value, path }) {
  const name = textOf(value.provisioner)
  const wrong = name === undefined ? undefined : qualifiedName(name.toLowerCase())
  if (wrong !== undefined)
    yield rejected(
      'bad_name',
      [...path, 'provisioner'],
      `the provisioner ${wrong}`,
      'Use a name such as ebs.csi.aws.com.',
    )
}

export const storageRule: LintRule = ruleOf({
  V1PersistentVolumeClaimSpec: claim,
  V1PersistentVolumeSpec: volume,
  V1StorageClass: storageClass,
})
