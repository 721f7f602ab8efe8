/**
 * Plans a service's deployment, with every choice and its reason. Pure: all facts are arguments.
 *
 * The service is split. Clients reach the gateway, which has the guard, the keys and the routing; each locally computed model
 * becomes an engine behind it; models on other servers stay in the gateway's config. The result contains no secrets: keys become
 * variables from a Secret created separately.
 */

import { readOverlay, type Service } from '@hadal/config'
import type { Deployment, OverlayPlan } from './deployment.ts'
import { engineImages } from './engine-commands.ts'
import { engineNames } from './engine-names.ts'
import { deployInvalid } from './errors.ts'
import { Notes } from './notes.ts'
import { planEngine } from './plan-engine.ts'
import type { DeploymentFacts } from './plan-facts.ts'
import { planGateway } from './plan-gateway.ts'
import { plannedModels } from './planned-model.ts'
import type { Said } from './settings-of.ts'
import { urlsWithCredentials } from './urls-with-credentials.ts'

export interface PlanOptions {
  readonly service: Service
  /** Fields in the config file; all else is a default. */
  readonly said: Said
  /** Version of this Hadal. */
  readonly version: string
  readonly facts?: DeploymentFacts
}

/**
 * What is watched of a service, whether or not it could be deployed: a model that is a file of this machine runs here and would
 * not be in a pod. Nothing of it may be rendered for a cluster but rules, routes and dashboards.
 *
 * @internal
 */
export function planToWatch(options: PlanOptions): Deployment {
  return planAll(options, new Notes())
}

/**
 * Throws `deploy_invalid` with every issue.
 *
 * @example
 * ```ts
 * import { resolveSettings, serviceSettings } from '@hadal/config'
 * import { planDeployment } from '@hadal/fleet'
 *
 * const { values: service } = resolveSettings(serviceSettings, {
 *   file: { path: 'hadal.config.ts', values: { model: 'org/model-7B-GGUF:Q8_0', deploy: { name: 'chat' } } },
 * })
 * const deployment = planDeployment({ service, said: new Set(['model', 'deploy']), version: '0.1.0' })
 * deployment.engines[0]!.kind // → 'llama'
 * deployment.reasons.length > 0 // → true
 * ```
 */
export function planDeployment(options: PlanOptions): Deployment {
  const withCredentials = urlsWithCredentials(options.service)
  // Thrown at once: other issues could quote the credentials.
  if (withCredentials.length > 0)
    throw deployInvalid(
      withCredentials.map(
        (place) =>
          `${place} contains a URL with a password or a key, which would be rendered: remove it, or set a file or variable that contains it`,
      ),
    )
  const notes = new Notes()
  const deployment = planAll(options, notes)
  if (notes.issues.length > 0) throw deployInvalid(notes.issues)
  return deployment
}

function planAll(options: PlanOptions, notes: Notes): Deployment {
  const base = planOne(options, notes)
  const { service } = options
  const overlays = Object.keys(service.deploy.overlays).map((name): OverlayPlan => {
    const { deploy, scaling = service.scaling } = readOverlay(service, name)
    const own = new Notes()
    const deployment = planOne({ ...options, service: { ...service, deploy, scaling } }, own)
    for (const issue of own.issues)
      if (!notes.issues.includes(issue)) notes.issue(`overlay ${name}: ${issue}`)
    return { name, deployment }
  })
  return { ...base, overlays }
}

function planOne({ service, said, version, facts = {} }: PlanOptions, notes: Notes): Deployment {
  const { deploy, scaling, slo, monitor } = service
  const hadal = deploy.image ?? `hadal:${version}`
  const engineImage = deploy.engine === 'llama' ? hadal : (deploy.engineImage ?? engineImages[deploy.engine])
  reportImages(service, hadal, engineImage, notes)
  const drainMillis = said.has('drainTimeoutMillis')
    ? service.drainTimeoutMillis
    : deploy.longestRequestMillis
  const models = plannedModels(service, said, notes)
  const names = engineNames(deploy.name, models)
  const engines = models.map((model, at) => {
    const context = {
      ...{ deploy, scaling, service, facts, drainMillis, notes },
      images: { hadal, engine: engineImage },
      isOnly: models.length === 1,
    }
    return [planEngine(names[at]!, model, context), model] as const
  })
  const gateway = planGateway({ service, said, image: hadal, drainMillis, engines, notes })
  reportOthers(service, said, engines.length > 0, notes)
  if (engines.length > 0) checkScaling(service, notes)
  return {
    name: deploy.name,
    namespace: deploy.namespace,
    version,
    gateway,
    engines: engines.map(([engine]) => engine),
    slo: {
      ...slo,
      ttftMillis: slo.ttftMillis ?? service.sloTtftMillis,
      ...(!said.has('slo') && { isDefault: true }),
    },
    scaling: { ...scaling, maxReplicas: maxReplicasOf(service, notes) },
    monitor,
    monitoring: {
      how: deploy.monitoring,
      namespace: deploy.monitoringNamespace,
      labels: deploy.monitoringLabels,
      ...(deploy.prometheusUrl !== undefined && { prometheusUrl: deploy.prometheusUrl }),
    },
    imagePullSecret: deploy.imagePullSecret,
    secretName: deploy.secretName ?? `${deploy.name}-secrets`,
    host: deploy.host,
    overlays: [],
    reasons: notes.reasons,
  }
}

/** An autoscaler that hears nothing scales nothing, and does not say so. */
function checkScaling({ scaling, deploy }: Service, notes: Notes): void {
  if (scaling.autoscaler !== 'keda' && scaling.autoscaler !== 'hadal') return
  const who = scalerNames[scaling.autoscaler]
  if (deploy.monitoring === 'none')
    notes.issue(
      `scaling: ${who} scales by Prometheus metrics of the service, and with monitoring none there are none: set monitoring to operator or annotations, or autoscaler to none or hpa`,
    )
  if (deploy.monitoring === 'annotations' && deploy.prometheusUrl === undefined)
    notes.issue(
      `scaling: ${who} queries Prometheus, and with monitoring annotations its address is unknown: set deploy.prometheusUrl`,
    )
}

const scalerNames = { hpa: 'the HorizontalPodAutoscaler', keda: 'KEDA', hadal: '`hadal scale`' } as const

function maxReplicasOf({ scaling, deploy }: Service, notes: Notes): number {
  const most = scaling.maxReplicas ?? Math.max(1, scaling.minReplicas, 4 * deploy.replicas)
  if (scaling.autoscaler !== 'none')
    notes.chose(
      'engines',
      `${scaling.scaleToZero ? 0 : scaling.minReplicas} to ${most}, set by ${scalerNames[scaling.autoscaler]}${scaling.maxReplicas === undefined ? ' (at most four times deploy.replicas)' : ''}; manifests omit the number, which would reset it`,
    )
  return most
}

function reportImages({ deploy }: Service, hadal: string, engine: string, notes: Notes): void {
  if (deploy.image === undefined)
    notes.chose(
      'image',
      `${hadal}, of this version: build it with the Dockerfile, push it, and set deploy.image`,
    )
  if (deploy.engine !== 'llama' && deploy.engineImage === undefined)
    notes.chose('engine image', `${engine}, the release that these flags belong to`)
  if (deploy.engine === 'llama' && deploy.image === undefined && deploy.gpusPerReplica !== 0)
    notes.chose(
      'engine image',
      `also ${hadal}: it uses GPUs if it was built with a LLAMA_PACKAGE for them (docs/images.md)`,
    )
}

function reportOthers({ deploy, models }: Service, said: Said, hasEngines: boolean, notes: Notes): void {
  if (hasEngines && deploy.gpusPerReplica !== 0)
    notes.chose(
      'engine rollout',
      'one pod at a time in place, since spare GPUs are not known; `hadal deploy plan` counts them',
    )
  const shared = (['memoryBudgetBytes', 'maxModels', 'idleUnloadMillis'] as const).filter((key) =>
    said.has(key),
  )
  if (models.length > 0 && shared.length > 0)
    notes.chose(
      'models',
      `in separate engines; omitted because they have no effect there: ${shared.join(', ')}`,
    )
  const own = (['host', 'port', 'cacheDir', 'offline', 'journalDir', 'watchConfig'] as const).filter((key) =>
    said.has(key),
  )
  if (own.length > 0) notes.chose('settings', `omitted because they are chosen for pods: ${own.join(', ')}`)
}
