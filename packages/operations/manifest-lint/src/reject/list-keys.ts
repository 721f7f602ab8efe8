/** Keyed lists: server-side apply merges them by key and rejects duplicates, even where a plain create would accept them. */

import { isPlainObject } from '@hadal/base'
import type { LintRule } from '../lint-rule.ts'
import { type Check, rejected, ruleOf } from './check.ts'
import { itemsOf, listOf } from './place.ts'

interface Keyed {
  readonly field: string
  readonly keys: readonly string[]
  /** Default of an omitted key. */
  readonly filledIn?: Readonly<Record<string, string>>
}

const keyed = ({ field, keys, filledIn = {} }: Keyed): Check =>
  function* ({ value, path }) {
    const seen = new Set<string>()
    for (const [index, item] of itemsOf(value[field])) {
      const said = keys.map((key) => item[key] ?? filledIn[key])
      if (said.some((one) => one === undefined)) continue
      const key = said.join('/')
      if (seen.has(key))
        yield rejected(
          'duplicate_item',
          [...path, field, index],
          `${field} has two items with ${keys.join(' and ')} ${key}; server-side apply requires unique keys`,
          'Delete one of them.',
        )
      seen.add(key)
    }
  }

/** Lists of texts that are sets. */
const set = (field: string): Check =>
  function* ({ value, path }) {
    const list = listOf(value[field])
    for (const [index, item] of list.entries())
      if (!isPlainObject(item) && list.indexOf(item) !== index)
        yield rejected(
          'duplicate_item',
          [...path, field, index],
          `${String(item)} is listed twice`,
          'Delete one of them.',
        )
  }

/** What other rules check by the same key (containers, volumes, mounts, ports of services) does not stand here. */
export const listKeysRule: LintRule = ruleOf({
  V1Container: [
    keyed({ field: 'env', keys: ['name'] }),
    keyed({ field: 'ports', keys: ['containerPort', 'protocol'], filledIn: { protocol: 'TCP' } }),
    keyed({ field: 'volumeDevices', keys: ['devicePath'] }),
    keyed({ field: 'resizePolicy', keys: ['resourceName'] }),
  ],
  V1MutatingWebhookConfiguration: keyed({ field: 'webhooks', keys: ['name'] }),
  V1ObjectMeta: [keyed({ field: 'ownerReferences', keys: ['uid'] }), set('finalizers')],
  V1PodSpec: [
    keyed({ field: 'hostAliases', keys: ['ip'] }),
    keyed({ field: 'imagePullSecrets', keys: ['name'] }),
    keyed({ field: 'resourceClaims', keys: ['name'] }),
    keyed({ field: 'schedulingGates', keys: ['name'] }),
  ],
  V1ServiceAccount: keyed({ field: 'secrets', keys: ['name'] }),
  V1ValidatingWebhookConfiguration: keyed({ field: 'webhooks', keys: ['name'] }),
})
