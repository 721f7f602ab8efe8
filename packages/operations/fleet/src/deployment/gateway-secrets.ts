/** The secret parts of a gateway's settings, which come from the Secret: keys, the database, policies that contain one. Pure. */

import type { Service } from '@hadal/config'
import type { SecretVariable } from './deployment.ts'
import type { Notes } from './notes.ts'
import { stateFolder } from './pod-paths.ts'
import type { Said } from './settings-of.ts'

interface SecretContext {
  readonly service: Service
  readonly said: Said
  readonly notes: Notes
}

const secretOf = ({ deploy }: Service): string => deploy.secretName ?? `${deploy.name}-secrets`

/** Keys of clients and administrators, and the database, stand in the Secret alone. */
export function keyVariables({ service, said, notes }: SecretContext): SecretVariable[] {
  const { allowKeyless, apiKeys, adminKeys, database, deploy } = service
  const secret = secretOf(service)
  const hasDatabase = said.has('database') && database !== undefined
  if (hasDatabase && !/^postgres(ql)?:\/\//.test(database))
    notes.issue(
      `database: a SQLite file is local to one pod and lost with it, and there are ${deploy.gatewayReplicas} gateways: use PostgreSQL, postgres://user@host/name, in the Secret’s key database`,
    )
  if (hasDatabase)
    notes.chose(
      'database',
      `from the Secret ${secret}, key database; usage is journaled in ${stateFolder}/usage`,
    )
  const isOpen = said.has('allowKeyless') && allowKeyless
  notes.chose(
    'client keys',
    isOpen
      ? 'none required: allowKeyless; every client that can reach the gateway can use the models'
      : `from the Secret ${secret}, key api-keys, separated by commas${apiKeys.length > 0 ? '; the keys in the config file are not rendered' : ''}`,
  )
  return [
    { variable: 'HADAL_API_KEYS', key: 'api-keys', optional: isOpen || hasDatabase },
    { variable: 'HADAL_ADMIN_KEYS', key: 'admin-keys', optional: adminKeys.length === 0 },
    ...(hasDatabase ? [{ variable: 'HADAL_DATABASE', key: 'database', optional: false }] : []),
  ]
}

/** At which the database answers, by the config; the Secret has the whole URL. Undefined without one. */
export function databasePort({ service, said }: SecretContext): number | undefined {
  const { database } = service
  if (!said.has('database') || database === undefined) return undefined
  const port = URL.canParse(database) ? new URL(database).port : ''
  return port === '' ? usualPostgresPort : Number(port)
}

const usualPostgresPort = 5432

/** A policy with a secret is stored in the Secret as a whole. */
export function guardOf({ service, said, notes }: SecretContext): {
  readonly config: Readonly<Record<string, unknown>>
  readonly variables: readonly SecretVariable[]
} {
  const { guard } = service
  if (!said.has('guard')) return { config: {}, variables: [] }
  if (typeof guard === 'string') return { config: { guard }, variables: [] }
  const paths = [...Object.values(guard.files ?? {}), ...(guard.checkModules ?? [])]
  for (const path of paths)
    if (!path.startsWith('/') || service.deploy.image === undefined)
      notes.issue(
        `guard: ${path} would not be in the pod: build it into a custom image (deploy.image), and set its path there`,
      )
  if (guard.secret !== undefined) {
    notes.chose(
      'guard',
      `the whole policy from the Secret ${secretOf(service)}, key guard, as JSON: it contains a secret`,
    )
    return { config: {}, variables: [{ variable: 'HADAL_GUARD', key: 'guard', optional: false }] }
  }
  const { audit } = guard
  if (audit === undefined || audit === false || audit.file === undefined)
    return { config: { guard }, variables: [] }
  const file = `${stateFolder}/audit/${audit.file.split('/').at(-1)}`
  notes.chose('guard audit log', `${file}, which is deleted with its pod: collect it from there`)
  return { config: { guard: { ...guard, audit: { ...audit, file } } }, variables: [] }
}
