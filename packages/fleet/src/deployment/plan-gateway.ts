/** The gateway: what clients reach, and what asks the engines. It has keys, guard and routing, and no weights. Pure. */

import { formatMillis } from '@hadal/base'
import { adapterId, type RemoteEntry, type Service } from '@hadal/config'
import type { EnginePlan, GatewayPlan, SecretVariable } from './deployment.ts'
import type { Notes } from './notes.ts'
import { stateFolder } from './plan-engine.ts'
import type { PlannedModel } from './planned-model.ts'
import { podTimes } from './pod-times.ts'
import { type Said, settingsOf } from './settings-of.ts'

export interface GatewayContext {
  readonly service: Service
  readonly said: Said
  readonly image: string
  readonly drainMillis: number
  /** With the model that each computes. */
  readonly engines: readonly (readonly [EnginePlan, PlannedModel])[]
  readonly notes: Notes
}

const gatewayPort = 8080
const coldStartMillis = 10_000

export function planGateway(context: GatewayContext): GatewayPlan {
  const { service, said, image, drainMillis, notes } = context
  const { deploy } = service
  notes.chose(
    'gateways',
    `${deploy.gatewayReplicas}, each on 0.0.0.0:${gatewayPort}; they have keys, guard and routing, and find engines by the endpoints of their Services`,
  )
  notes.chose(
    'end of a pod',
    `${formatMillis(drainMillis)} for what is being answered (${said.has('drainTimeoutMillis') ? 'drainTimeoutMillis' : 'deploy.longestRequestMillis'}), after 10 s in which endpoints are taken out`,
  )
  const { variables: remoteKeys, models: remotes } = remoteModels(context)
  const locals = context.engines.flatMap(([engine, model]) =>
    localModels(engine, model, deploy.longestRequestMillis),
  )
  const order = service.models.map(({ id }) => id)
  const models = [...locals, ...remotes].sort((a, b) => place(order, a.id) - place(order, b.id))
  for (const twice of twiceNamed(models))
    notes.fault(`models: two of models and adapters are called ${JSON.stringify(twice)}: give one another id`)
  const guard = guardOf(context)
  return {
    name: `${deploy.name}-gateway`,
    image,
    replicas: deploy.gatewayReplicas,
    port: gatewayPort,
    config: {
      ...settingsOf('gateway', service, said),
      ...guard.config,
      ...proxyOf(context),
      ...(said.has('database') && { journalDir: `${stateFolder}/usage` }),
      host: '0.0.0.0',
      port: gatewayPort,
      drainTimeoutMillis: drainMillis,
      logFormat: said.has('logFormat') ? service.logFormat : 'json',
      models,
    },
    secrets: [...keyVariables(context), ...guard.variables, ...remoteKeys],
    resources: { requests: { cpu: '500m', memory: '512Mi' }, limits: { cpu: '2', memory: '2Gi' } },
    times: podTimes(coldStartMillis, drainMillis),
  }
}

/** Adapters, which the config does not list, come last. */
const place = (order: readonly string[], id: string): number =>
  (order.indexOf(id) + order.length + 1) % (order.length + 1)

interface GatewayModel {
  readonly id: string
  readonly aliases?: readonly string[]
  readonly [key: string]: unknown
}

/** Adapters become models here, which the config could not see. */
function twiceNamed(models: readonly GatewayModel[]): readonly string[] {
  const names = models.flatMap(({ id, aliases = [] }) => [id, ...aliases])
  return [...new Set(names.filter((name, at) => names.indexOf(name) !== at))]
}

/** A model in engines of its own, and each of its adapters as a model that the same engines have. */
function localModels(engine: EnginePlan, model: PlannedModel, answerTimeoutMillis: number): GatewayModel[] {
  const upstream = {
    discover: {
      kubernetes: { service: engine.name, port: 'http' },
    },
    healthPath: engine.kind === 'llama' ? '/ready' : '/health',
    answerTimeoutMillis,
  }
  const adapters = model.adapters.map(adapterId)
  return [
    { id: model.id, ...model.names, upstream: { ...upstream, model: model.id } },
    ...adapters.map((id) => ({ id, upstream: { ...upstream, model: id } })),
  ]
}

function remoteModels({ service, notes }: GatewayContext): {
  readonly variables: readonly SecretVariable[]
  readonly models: readonly GatewayModel[]
} {
  const entries = service.models.filter((entry): entry is RemoteEntry => 'upstream' in entry)
  const variables = new Map<string, SecretVariable>()
  const models = entries.map((entry) => {
    const { apiKey, apiKeyEnv, headers, ...upstream } = entry.upstream
    if (headers !== undefined && Object.keys(headers).length > 0)
      notes.fault(
        `models: the headers of ${entry.id} may hold secrets, which no manifest may: name the key's variable in apiKeyEnv instead`,
      )
    const variable = apiKeyEnv ?? (apiKey === undefined ? undefined : variableOf(entry.id))
    if (variable === undefined) return { ...entry, upstream }
    if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(variable) || variable.startsWith('HADAL_'))
      notes.fault(`models: apiKeyEnv of ${entry.id} is no variable that a pod can be given`)
    const key = secretKeyOf(variable)
    variables.set(variable, { variable, key, optional: false })
    if (apiKey !== undefined)
      notes.chose(
        `key of ${entry.id}`,
        `from the Secret’s ${key}: the one in the config file is not rendered`,
      )
    return { ...entry, upstream: { ...upstream, apiKeyEnv: variable } }
  })
  return { variables: [...variables.values()], models }
}

const variableOf = (id: string): string => `UPSTREAM_KEY_${id.toUpperCase().replaceAll(/[^A-Z0-9]+/g, '_')}`
const secretKeyOf = (variable: string): string => variable.toLowerCase().replaceAll('_', '-')

/** Keys of clients and administrators, and the database, stand in the Secret alone. */
function keyVariables({ service, said, notes }: GatewayContext): SecretVariable[] {
  const { allowKeyless, apiKeys, adminKeys, database, deploy } = service
  const secret = deploy.secretName ?? `${deploy.name}-secrets`
  const hasDatabase = said.has('database') && database !== undefined
  if (hasDatabase && !/^postgres(ql)?:\/\//.test(database))
    notes.fault(
      `database: a SQLite file is in one pod alone and gone with it, and there are ${deploy.gatewayReplicas} gateways: several need PostgreSQL, postgres://user@host/name, in the Secret’s database`,
    )
  if (hasDatabase)
    notes.chose('database', `from the Secret ${secret}, key database; usage waits in ${stateFolder}/usage`)
  const isOpen = said.has('allowKeyless') && allowKeyless
  notes.chose(
    'keys of clients',
    isOpen
      ? 'none are asked for: allowKeyless; whoever reaches the gateway may use the models'
      : `from the Secret ${secret}, key api-keys, separated by commas${apiKeys.length > 0 ? '; those in the config file are not rendered' : ''}`,
  )
  return [
    { variable: 'HADAL_API_KEYS', key: 'api-keys', optional: isOpen || hasDatabase },
    { variable: 'HADAL_ADMIN_KEYS', key: 'admin-keys', optional: adminKeys.length === 0 },
    { variable: 'HADAL_DATABASE', key: 'database', optional: !hasDatabase },
  ]
}

/** A policy with a secret stands in the Secret as a whole. */
function guardOf({ service, said, notes }: GatewayContext): {
  readonly config: Readonly<Record<string, unknown>>
  readonly variables: readonly SecretVariable[]
} {
  const { guard } = service
  if (!said.has('guard')) return { config: {}, variables: [] }
  if (typeof guard === 'string') return { config: { guard }, variables: [] }
  const paths = [...Object.values(guard.files ?? {}), ...(guard.checkModules ?? [])]
  for (const path of paths)
    if (!path.startsWith('/') || service.deploy.image === undefined)
      notes.fault(
        `guard: ${path} would not be in the pod: put it into an image of your own (deploy.image), and name it by its path there`,
      )
  if (guard.secret !== undefined) {
    const { secretName, name } = service.deploy
    notes.chose(
      'guard',
      `its whole policy from the Secret ${secretName ?? `${name}-secrets`}, key guard, as JSON: it has a secret`,
    )
    return { config: {}, variables: [{ variable: 'HADAL_GUARD', key: 'guard', optional: false }] }
  }
  const { audit } = guard
  if (audit === undefined || audit === false || audit.file === undefined)
    return { config: { guard }, variables: [] }
  const file = `${stateFolder}/audit/${audit.file.split('/').at(-1)}`
  notes.chose('audit of the guard', `${file}, which goes with its pod: collect it from there`)
  return { config: { guard: { ...guard, audit: { ...audit, file } } }, variables: [] }
}

function proxyOf({ service, said, notes }: GatewayContext): Readonly<Record<string, unknown>> {
  const { deploy } = service
  if (said.has('tlsCert') || said.has('tlsKey'))
    notes.fault(
      'tlsCert and tlsKey would not be in the pod: TLS ends at the Ingress (deploy.host), so leave them out',
    )
  if (service.privateMetrics && deploy.monitoring !== 'none')
    notes.fault(
      'privateMetrics asks Prometheus for an administrator’s key, which it does not have: leave it out, since the network lets only monitoringNamespace scrape, or set monitoring to none',
    )
  if (deploy.host === undefined || said.has('trustProxy')) return {}
  notes.chose('trustProxy', 'private: the Ingress is another pod, whose X-Forwarded-For says who asks')
  return { trustProxy: ['private'] }
}
