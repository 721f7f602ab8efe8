/** Plans the gateway between clients and engines. It has keys, guard and routing, and no weights. Pure. */

import { formatMillis } from '@hadal/base'
import { adapterId, type Service } from '@hadal/config'
import { engineStartSeconds, typicalStartSeconds } from '../manifests/engine-rollout.ts'
import type { EnginePlan, GatewayPlan } from './deployment.ts'
import { databasePort, guardOf, keyVariables } from './gateway-secrets.ts'
import type { Notes } from './notes.ts'
import type { PlannedModel } from './planned-model.ts'
import { stateFolder } from './pod-paths.ts'
import { podTimes } from './pod-times.ts'
import { remoteModels } from './remote-models.ts'
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
    `${deploy.gatewayReplicas}, each on 0.0.0.0:${gatewayPort}; they handle keys, guard and routing, and find engines by the endpoints of their Services`,
  )
  notes.chose(
    'pod shutdown',
    `${formatMillis(drainMillis)} for requests in flight (${said.has('drainTimeoutMillis') ? 'drainTimeoutMillis' : 'deploy.longestRequestMillis'}), after 10 s for endpoint removal`,
  )
  const { variables: remoteKeys, models: remotes } = remoteModels(service, notes)
  const locals = context.engines.flatMap(([engine, model]) =>
    localModels(engine, model, {
      answerTimeoutMillis: Math.max(1000, Math.ceil(deploy.longestRequestMillis)),
      ...holdingOf(engine, service, notes),
    }),
  )
  const order = service.models.map(({ id }) => id)
  const models = [...locals, ...remotes].sort((a, b) => place(order, a.id) - place(order, b.id))
  for (const twice of twiceNamed(models))
    notes.issue(`models: two models or adapters have the id ${JSON.stringify(twice)}: change one`)
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
    databasePort: databasePort(context),
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

/** A model with its own engines, and each of its adapters as a model on the same engines. */
function localModels(
  engine: EnginePlan,
  model: PlannedModel,
  times: Readonly<Record<string, number>>,
): GatewayModel[] {
  const upstream = {
    discover: {
      kubernetes: { service: engine.name, port: 'http' },
    },
    healthPath: engine.kind === 'llama' ? '/ready' : '/health',
    ...times,
  }
  const adapters = model.adapters.map(adapterId)
  return [
    { id: model.id, ...model.names, upstream: { ...upstream, model: model.id } },
    ...adapters.map((id) => ({ id, upstream: { ...upstream, model: id } })),
  ]
}

/** Until the autoscaler has looked twice and the cluster has found a node. */
const noticeMillis = 30_000

/** With scale to zero, requests wait for an engine: up to the longest start; the wake-up estimate is at first the typical start. */
function holdingOf(
  engine: EnginePlan,
  { scaling }: Service,
  notes: Notes,
): { readonly holdMillis?: number; readonly wakeMillis?: number } {
  if (!scaling.scaleToZero || !engine.isScaled) return {}
  const noticed = noticeMillis + 2 * scaling.checkIntervalMillis
  const holdMillis = noticed + engineStartSeconds(engine) * 1000
  const wakeMillis = scaling.checkIntervalMillis + typicalStartSeconds(engine) * 1000
  notes.chose(
    `requests while ${engine.modelId} sleeps`,
    `wait up to ${formatMillis(holdMillis)}, which covers a start; a wake-up is assumed to take ${formatMillis(wakeMillis)} until one has been measured`,
  )
  return { holdMillis, wakeMillis }
}

function proxyOf({ service, said, notes }: GatewayContext): Readonly<Record<string, unknown>> {
  const { deploy } = service
  if (said.has('tlsCert') || said.has('tlsKey'))
    notes.issue(
      'tlsCert and tlsKey would not be in the pod: TLS is terminated at the Ingress (deploy.host), so remove them',
    )
  if (service.privateMetrics && deploy.monitoring !== 'none')
    notes.issue(
      'privateMetrics requires an administrator key, which Prometheus does not have: remove it, since the network policy lets only monitoringNamespace scrape, or set monitoring to none',
    )
  if (service.adminPort === gatewayPort)
    notes.issue(
      `adminPort: ${gatewayPort} is the public port of gateways: choose another port for administrators`,
    )
  if (deploy.host === undefined || said.has('trustProxy')) return {}
  notes.chose(
    'trustProxy',
    'private: the Ingress is another pod, and its X-Forwarded-For header contains the client address',
  )
  return { trustProxy: ['private'] }
}
