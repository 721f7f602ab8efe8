/** Rules for cluster administration kinds: custom resource definitions, webhooks, priorities. */

import { isPlainObject } from '@hadal/base'
import type { LintRule } from '../lint-rule.ts'
import { type Check, rejected, ruleOf } from './check.ts'
import { dns1035Label, dnsSubdomain } from './formats.ts'
import { fieldsIn, isSaid, itemsOf, listOf, numberOf, textOf } from './place.ts'

const definition: Check = function* ({ value, path, root }) {
  const group = textOf(value.group)
  const names = fieldsIn(value.names)
  const plural = textOf(names.plural)
  const name = textOf(fieldsIn(root.manifest.metadata).name)
  if (group !== undefined && plural !== undefined && name !== undefined && name !== `${plural}.${group}`)
    yield rejected(
      'bad_name',
      ['metadata', 'name'],
      `the name must be PLURAL.GROUP, here ${plural}.${group}`,
      `Use ${plural}.${group}.`,
    )
  if (group !== undefined && (dnsSubdomain(group) !== undefined || !group.includes('.')))
    yield rejected(
      'bad_name',
      [...path, 'group'],
      'the group must be a domain with a dot',
      'Use a domain such as example.com.',
    )
  for (const field of ['plural', 'singular']) {
    const one = textOf(names[field])
    const wrong = one === undefined ? undefined : dns1035Label(one)
    if (wrong !== undefined)
      yield rejected('bad_name', [...path, 'names', field], `it ${wrong}`, 'Use lowercase letters.')
  }
  if (isSaid(value.scope) && value.scope !== 'Namespaced' && value.scope !== 'Cluster')
    yield rejected(
      'bad_value',
      [...path, 'scope'],
      'scope must be Namespaced or Cluster',
      'Use one of the two.',
    )
  const versions = itemsOf(value.versions)
  const stored = versions.filter(([, { storage }]) => storage === true).length
  if (Array.isArray(value.versions) && stored !== 1)
    yield rejected(
      'bad_definition',
      [...path, 'versions'],
      `exactly one version must have storage: true, and ${stored} do`,
      'Set storage: true on exactly one version.',
    )
  const seen = new Set<unknown>()
  for (const [index, version] of versions) {
    const at = [...path, 'versions', index]
    if (!isPlainObject(fieldsIn(version.schema).openAPIV3Schema))
      yield rejected(
        'missing_field',
        at,
        'the version has no schema.openAPIV3Schema',
        'Add it: {type: object, ...}.',
      )
    if (seen.has(version.name))
      yield rejected(
        'duplicate_item',
        [...at, 'name'],
        `the version ${String(version.name)} is defined twice`,
        'Delete one.',
      )
    seen.add(version.name)
  }
}

const schemaTypes = ['array', 'boolean', 'integer', 'number', 'object', 'string']

const schemaProps: Check = function* ({ value, path }) {
  if (isSaid(value.type) && !schemaTypes.includes(String(value.type)))
    yield rejected(
      'bad_value',
      [...path, 'type'],
      `type must be one of ${schemaTypes.join(', ')}, and is ${String(value.type)}`,
      'Use one of the allowed values.',
    )
}

const webhook: Check = function* ({ value, path }) {
  const client = fieldsIn(value.clientConfig)
  if (isPlainObject(value.clientConfig) && isSaid(client.url) === isPlainObject(client.service))
    yield rejected(
      'bad_webhook',
      [...path, 'clientConfig'],
      'clientConfig must set exactly one of url and service',
      'Keep only one.',
    )
  const name = textOf(value.name)
  if (name !== undefined && (dnsSubdomain(name) !== undefined || name.split('.').length < 3))
    yield rejected(
      'bad_name',
      [...path, 'name'],
      'the name must be a domain with at least three parts',
      'Use a name such as a.example.com.',
    )
  if (value.sideEffects === 'Some' || value.sideEffects === 'Unknown')
    yield rejected(
      'bad_webhook',
      [...path, 'sideEffects'],
      'v1 accepts only None and NoneOnDryRun',
      'Use None.',
    )
  const seconds = numberOf(value.timeoutSeconds)
  if (seconds !== undefined && (seconds < 1 || seconds > 30))
    yield rejected(
      'out_of_range',
      [...path, 'timeoutSeconds'],
      'the value must be from 1 to 30',
      'Use a number in this range.',
    )
  const versions = listOf(value.admissionReviewVersions)
  if (
    Array.isArray(value.admissionReviewVersions) &&
    !versions.includes('v1') &&
    !versions.includes('v1beta1')
  )
    yield rejected(
      'bad_webhook',
      [...path, 'admissionReviewVersions'],
      'the API server supports none of these versions',
      'Write [v1].',
    )
}

const priority: Check = function* ({ value, path }) {
  const name = textOf(fieldsIn(value.metadata).name)
  if (name?.startsWith('system-') && !/^system-(cluster|node)-critical$/.test(name))
    yield rejected(
      'bad_name',
      ['metadata', 'name'],
      'names that start with system- are reserved',
      'Choose another name.',
    )
  const number = numberOf(value.value)
  if (number !== undefined && number > 1_000_000_000 && !name?.startsWith('system-'))
    yield rejected(
      'out_of_range',
      [...path, 'value'],
      'priorities above 1000000000 are reserved',
      'Lower the value.',
    )
}

export const clusterRule: LintRule = ruleOf({
  V1CustomResourceDefinitionSpec: definition,
  V1JSONSchemaProps: schemaProps,
  V1MutatingWebhook: webhook,
  V1PriorityClass: priority,
  V1ValidatingWebhook: webhook,
})
