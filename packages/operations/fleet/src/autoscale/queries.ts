/**
 * The Prometheus queries of an autoscaler: always a single number, since KEDA rejects several, and only for this service. Empty if
 * there is no data, except where zero engines are legitimate.
 */

import { metrics } from '@hadal/protocol'
import type { Deployment, EnginePlan } from '../deployment/deployment.ts'
import { engineSeries } from '../series/engine-series.ts'

export interface ScalingQueries {
  /** Requests that wait for the model, in the gateways and in the engines. */
  readonly backlog: string
  /** Replicas' worth of busy GPUs, in percent: 140 are two replicas at 70 %. Undefined of engines without GPUs. */
  readonly gpu: string | undefined
  /** As `gpu`, of places in batches that are taken: of engines of ours without GPUs, for they say how many they have. */
  readonly places: string | undefined
  /** Requests of the last minutes, and active ones: above 0 while there is demand. */
  readonly demand: string
}

export function scalingQueries(deployment: Deployment, engine: EnginePlan): ScalingQueries {
  const { scaling, monitor } = deployment
  const orZero = (query: string): string => (scaling.scaleToZero ? `(${query} or vector(0))` : query)
  return {
    backlog: orZero(backlogOf(deployment, engine)),
    gpu: engine.gpus > 0 && monitor.gpuPodLabel !== '' ? orZero(gpuOf(deployment, engine)) : undefined,
    places: engine.gpus === 0 && engine.kind === 'llama' ? orZero(placesOf(deployment, engine)) : undefined,
    demand: demandOf(deployment, engine),
  }
}

export function backlogOf(deployment: Deployment, engine: EnginePlan): string {
  const ofModel = ofModelOf(deployment, engine)
  const gateways = matchers(deployment, podsOf(deployment.gateway), ofModel)
  const engines = matchers(deployment, podsOf(engine), ofModel)
  const inGateways = `${engineSeries('llama').waiting}{${gateways}}`
  const inEngines = `${engineSeries(engine.kind).waiting}{${engines}}`
  // A request waits in one place at a time. The pods differ, so nothing is left out.
  return `sum(${inGateways} or ${inEngines})`
}

/** Values that a GPU does not support are about 9.22e18. The share of one GPU is divided by a replica's GPUs. */
export function gpuOf(deployment: Deployment, engine: EnginePlan): string {
  const sum = `sum(${gpuSeries(deployment, engine)} <= 100)`
  return engine.gpus === 1 ? sum : `${sum} / ${engine.gpus}`
}

export function gpuSeries({ namespace, monitoring, monitor }: Deployment, engine: EnginePlan): string {
  const { gpuPodLabel } = monitor
  const ofNamespace = `${gpuPodLabel.replace(/pod$/, 'namespace')}="${namespace}"`
  const ofPods = `${gpuPodLabel}=~"${podsOf(engine)}"`
  const matched = monitoring.how === 'none' ? '' : `{${ofNamespace},${ofPods}}`
  return `DCGM_FI_DEV_GPU_UTIL${matched}`
}

export function placesOf(deployment: Deployment, engine: EnginePlan): string {
  const { running, size } = placeSeries(deployment, engine)
  return `100 * sum(${running}) / avg(${size})`
}

export interface PlaceSeries {
  /** Requests that run, of each engine. */
  readonly running: string
  /** Without what keeps gateways out. */
  readonly runningAnywhere: string
  /** Places of each. */
  readonly size: string
}

export function placeSeries(deployment: Deployment, engine: EnginePlan): PlaceSeries {
  const atEngines = matchers(deployment, podsOf(engine), ofModelOf(deployment, engine))
  // Without labels of a cluster, a gateway's metrics look like an engine's; a metric that only gateways have distinguishes them.
  const notGateways =
    deployment.monitoring.how === 'none' ? ` unless on (instance) ${metrics.upstreamReplicaUp.name}` : ''
  const of = (name: string): string => `${name}{${atEngines}}`
  const runningAnywhere = of(engineSeries('llama').running)
  return {
    running: `${runningAnywhere}${notGateways}`,
    runningAnywhere,
    size: `${of(metrics.maxBatchSize.name)}${notGateways}`,
  }
}

/** Requests to a model; model lists and metrics do not wake one. */
const modelRoutes = '.*(completions?|messages|responses|embeddings?|rerank|infill|infer)'
const refused = '4(00|01|03|04|05)'

/**
 * Counted at the gateways, since there may be no engine. The metric has no model label, so one request wakes all sleeping models. A
 * series that was absent or higher two minutes ago started at 0: `increase` misses the first request after a start. Computed per
 * gateway, or gateways replaced by a rollout would hide their successors' requests.
 */
export function demandOf(deployment: Deployment, engine: EnginePlan): string {
  const ofRoutes = `route=~"${modelRoutes}",status!~"${refused}"`
  const requests = `hadal_http_requests_total{${matchers(deployment, podsOf(deployment.gateway), ofRoutes)}}`
  const requested = `sum(${requests} - (${requests} offset 2m <= ${requests} or ${requests} * 0))`
  const engines = matchers(deployment, podsOf(engine), ofModelOf(deployment, engine))
  const running = `sum(${engineSeries(engine.kind).running}{${engines}})`
  return `(${requested} or vector(0)) + (${running} or vector(0))`
}

/** Its adapters are separate models to clients and in metrics. */
export function ofModelOf({ gateway }: Deployment, engine: EnginePlan): string {
  const models = Array.isArray(gateway.config.models) ? (gateway.config.models as GatewayModel[]) : []
  const ids = models.flatMap(({ id, upstream }) =>
    upstream?.discover?.kubernetes?.service === engine.name && id !== engine.modelId ? [id] : [],
  )
  if (ids.length === 0) return `model_name="${quoted(engine.modelId)}"`
  return `model_name=~"${[engine.modelId, ...ids].map((id) => quoted(asRegExp(id))).join('|')}"`
}

interface GatewayModel {
  readonly id: string
  readonly upstream?: { readonly discover?: { readonly kubernetes?: { readonly service: string } } }
}

const asRegExp = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')

/** A service monitored outside a cluster has series without a namespace. */
export function matchers({ namespace, monitoring }: Deployment, pods: string, more: string): string {
  if (monitoring.how === 'none') return more
  return `namespace="${namespace}",pod=~"${pods}",${more}`
}

/**
 * Names of pods, whole: another engine's name may begin with this one's. Where a name has more than 46 characters, Kubernetes cuts the dash
 * before the last five.
 */
export const podsOf = ({ name, nodes = 1 }: { readonly name: string; readonly nodes?: number }): string =>
  nodes > 1 ? `${name}-group-[0-9]+(-[0-9]+)?` : `${name}-[a-z0-9]+(-[a-z0-9]{5})?`

/** Escapes a string for a quoted matcher. */
const quoted = (text: string): string => text.replace(/[\\"]/g, '\\$&')
