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
      `a definition is called PLURAL.GROUP, so this one ${plural}.${group}`,
      `Write ${plural}.${group}.`,
    )
  if (group !== undefined && (dnsSubdomain(group) !== undefined || !group.includes('.')))
    yield rejected(
      'bad_name',
      [...path, 'group'],
      'a group is a domain with a dot',
      'Write one such as example.com.',
    )
  for (const field of ['plural', 'singular']) {
    const one = textOf(names[field])
    const wrong = one === undefined ? undefined : dns1035Label(one)
    if (wrong !== undefined)
      yield rejected('bad_name', [...path, 'names', field], `it ${wrong}`, 'Write small letters.')
  }
  if (isSaid(value.scope) && value.scope !== 'Namespaced' && value.scope !== 'Cluster')
    yield rejected(
      'bad_value',
      [...path, 'scope'],
      'it is neither Namespaced nor Cluster',
      'Write one of both.',
    )
  const versions = itemsOf(value.versions)
  const stored = versions.filter(([, { storage }]) => storage === true).length
  if (Array.isArray(value.versions) && stored !== 1)
    yield rejected(
      'bad_definition',
      [...path, 'versions'],
      `${stored} versions have storage: true`,
      'Let exactly one have it.',
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
        `the version ${String(version.name)} is there twice`,
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
      `${String(value.type)} is none of ${schemaTypes.join(', ')}`,
      'Write one.',
    )
}

const webhook: Check = function* ({ value, path }) {
  const client = fieldsIn(value.clientConfig)
  if (isPlainObject(value.clientConfig) && isSaid(client.url) === isPlainObject(client.service))
    yield rejected(
      'bad_webhook',
      [...path, 'clientConfig'],
      'it needs exactly one of url and service',
      'Leave one.',
    )
  const name = textOf(value.name)
  if (name !== undefined && (dnsSubdomain(name) !== undefined || name.split('.').length < 3))
    yield rejected(
      'bad_name',
      [...path, 'name'],
      'a webhook is called by a domain of three parts',
      'Write a.example.com.',
    )
  if (value.sideEffects === 'Some' || value.sideEffects === 'Unknown')
    yield rejected(
      'bad_webhook',
      [...path, 'sideEffects'],
      'v1 takes None and NoneOnDryRun only',
      'Write None.',
    )
  const seconds = numberOf(value.timeoutSeconds)
  if (seconds !== undefined && (seconds < 1 || seconds > 30))
    yield rejected(
      'out_of_range',
      [...path, 'timeoutSeconds'],
      'it must be from 1 to 30',
      'Write such a number.',
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
      'no API server speaks these',
      'Write [v1].',
    )
}

const priority: Check = function* ({ value, path }) {
  const name = textOf(fieldsIn(value.metadata).name)
  if (name?.startsWith('system-') && !/^system-(cluster|node)-critical$/.test(name))
    yield rejected(
      'bad_name',
      ['metadata', 'name'],
      'names with system- are reserved',
      'Choose another name.',
    )
  const number = numberOf(value.value)
  if (number !== undefined && number > 1_000_000_000 && !name?.startsWith('system-'))
    yield rejected(
      'out_of_range',
      [...path, 'value'],
      'priorities above 1000000000 are reserved',
      'Lower it.',
    )
}

export const clusterRule: LintRule = ruleOf({
  V1CustomResourceDefinitionSpec: definition,
  V1JSONSchemaProps: schemaProps,
  V1MutatingWebhook: webhook,
  V1PriorityClass: priority,
  V1ValidatingWebhook: webhook,
})
