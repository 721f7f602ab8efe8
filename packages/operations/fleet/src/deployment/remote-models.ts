/** Models in other servers, as the gateway's config has them: without their keys, which become variables from the Secret. Pure. */

import type { RemoteEntry, Service } from '@hadal/config'
import type { SecretVariable } from './deployment.ts'
import type { Notes } from './notes.ts'

export interface RemoteModels {
  readonly variables: readonly SecretVariable[]
  readonly models: readonly { readonly id: string; readonly [key: string]: unknown }[]
}

export function remoteModels(service: Service, notes: Notes): RemoteModels {
  const entries = service.models.filter((entry): entry is RemoteEntry => 'upstream' in entry)
  const variables: SecretVariable[] = []
  const models = entries.map((entry) => {
    const { apiKey, apiKeyEnv, headers, ...upstream } = entry.upstream
    if (headers !== undefined && Object.keys(headers).length > 0)
      notes.issue(
        `models: the headers of ${entry.id} may contain secrets, which must not be in a manifest: set apiKeyEnv to the variable of the key instead`,
      )
    const elsewhere = upstream.discover?.kubernetes?.namespace
    if (elsewhere !== undefined && elsewhere !== service.deploy.namespace)
      notes.issue(
        `models: gateways can list endpoints only in their own namespace, and ${entry.id} is in ${elsewhere}: set discover.dns and port, such as SERVICE.${elsewhere}.svc`,
      )
    const named = apiKeyEnv ?? (apiKey === undefined ? undefined : variableOf(entry.id, variables))
    if (named === undefined) return { ...entry, upstream }
    if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(named) || named.startsWith('HADAL_'))
      notes.issue(`models: apiKeyEnv of ${entry.id} is not a valid pod variable name`)
    const variable = variables.find((each) => each.variable === named) ?? {
      variable: named,
      key: secretKeyOf(named, variables),
      optional: false,
    }
    if (!variables.includes(variable)) variables.push(variable)
    if (apiKey !== undefined)
      notes.chose(
        `key of ${entry.id}`,
        `from ${variable.key} of the Secret: the one in the config file is not rendered`,
      )
    return { ...entry, upstream: { ...upstream, apiKeyEnv: named } }
  })
  return { variables, models }
}

/** Variable for a key without one; never shared with another model. */
function variableOf(id: string, taken: readonly SecretVariable[]): string {
  const plain = `UPSTREAM_KEY_${id.toUpperCase().replaceAll(/[^A-Z0-9]+/g, '_')}`
  return firstFree(plain, '_', (name) => taken.some(({ variable }) => variable === name))
}

/** Secret keys already in use: an upstream variable with such a name must not receive their values. */
const reserved: readonly string[] = ['api-keys', 'admin-keys', 'database', 'guard']

function secretKeyOf(variable: string, taken: readonly SecretVariable[]): string {
  const plain = variable.toLowerCase().replaceAll('_', '-')
  const name = reserved.includes(plain) ? `upstream-${plain}` : plain
  return firstFree(name, '-', (key) => taken.some((each) => each.key === key))
}

function firstFree(name: string, by: string, isTaken: (name: string) => boolean): string {
  for (let number = 1; ; number++) {
    const each = number === 1 ? name : `${name}${by}${number}`
    if (!isTaken(each)) return each
  }
}
