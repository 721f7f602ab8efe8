/** An engine: what computes one model, with every choice that its size and its GPUs make. Pure. */

import { formatBytes } from '@hadal/base'
import { type Deploy, quantityValue, type Scaling, type Service } from '@hadal/config'
import type { EnginePlan } from './deployment.ts'
import { enginePorts, sglangCommands, takenSettings, vllmCommands } from './engine-commands.ts'
import { gpuMemoryByLabel } from './gpu-memory.ts'
import { sizeByName } from './model-name.ts'
import type { Notes } from './notes.ts'
import { type Cut, cutModel, roomOfGpu } from './parallelism.ts'
import { type PlacedModel, placeModel } from './place-model.ts'
import type { DeploymentFacts } from './plan-facts.ts'
import type { PlannedModel } from './planned-model.ts'
import { estimateColdStart, podTimes, startBudgetSeconds } from './pod-times.ts'

export interface EngineContext {
  readonly deploy: Deploy
  readonly scaling: Scaling
  readonly service: Service
  readonly facts: DeploymentFacts
  readonly images: { readonly hadal: string; readonly engine: string }
  /** Several models share what is said once. */
  readonly isOnly: boolean
  /** How long an engine that is to end may go on. */
  readonly drainMillis: number
  readonly notes: Notes
}

export const configPath = '/etc/hadal/hadal.config.json'
/** Where a container may write what need not outlive its pod. */
export const stateFolder = '/var/lib/hadal'

export function planEngine(name: string, model: PlannedModel, context: EngineContext): EnginePlan {
  const { deploy, scaling, images, drainMillis, notes } = context
  const kind = deploy.engine
  const bytes = bytesOf(model, context)
  const cut = cutOf(model, bytes, context)
  const placed = placeModel(model, deploy, images, notes)
  const chatTemplate = templateOf(model, context)
  const { gpus, nodes, tensorParallel, pipelineParallel } = cut
  const gpusPerNode = gpus / nodes
  const served = { model, ref: placed.plan.ref, adapters: placed.adapters, chatTemplate, cut }
  const started = { ...served, drainSeconds: Math.ceil(drainMillis / 1000) }
  const commands =
    kind === 'vllm'
      ? vllmCommands(started)
      : kind === 'sglang'
        ? sglangCommands(started)
        : { command: ['hadal', 'serve', '--config', configPath], workerCommand: undefined }
  if (kind !== 'llama') tellLeftOut(model, kind, notes)
  return {
    name,
    modelId: model.id,
    kind,
    image: kind === 'llama' ? images.hadal : images.engine,
    port: enginePorts[kind],
    replicas: deploy.replicas,
    isScaled: scaling.autoscaler !== 'none',
    gpus,
    gpusPerNode,
    nodes,
    tensorParallel,
    pipelineParallel,
    ...commands,
    config: kind === 'llama' ? configOf(model, placed, chatTemplate, context) : undefined,
    secrets:
      placed.plan.storage === 'download' ? [{ variable: 'HF_TOKEN', key: 'hf-token', optional: true }] : [],
    resources: {
      requests: { cpu: deploy.cpuRequest, memory: deploy.memoryRequest },
      limits: {
        cpu: deploy.cpuLimit,
        memory: deploy.memoryLimit,
        ...(gpus > 0 && { 'nvidia.com/gpu': String(gpusPerNode) }),
      },
    },
    times: podTimes(coldStartOf(model, bytes, context), drainMillis),
    model: { ...placed.plan, bytes },
    gpuNodes: {
      label: deploy.gpuLabel,
      values: deploy.gpuLabelValues,
      taint: deploy.gpuTaint,
      resource: 'nvidia.com/gpu',
    },
    rollout: gpus === 0 ? 'surge' : 'inPlace',
  }
}

/** Of weights; a fault and 1 where nothing says it. */
function bytesOf({ id, given, ref }: PlannedModel, { deploy, facts, isOnly, notes }: EngineContext): number {
  const what = `size of ${id}`
  const tell = (bytes: number, why: string): number => {
    notes.chose(what, `${formatBytes(bytes)} (${why})`)
    return bytes
  }
  const here = facts.modelBytes?.[given]
  if (deploy.modelBytes !== undefined && isOnly) return tell(deploy.modelBytes, 'deploy.modelBytes')
  if (here !== undefined) return tell(here, 'of the file here')
  const named = sizeByName(ref)
  if (named !== undefined) return tell(named.bytes, named.why)
  if (deploy.modelBytes !== undefined) return tell(deploy.modelBytes, 'deploy.modelBytes')
  notes.fault(
    `${id}: nothing says how large ${given} is: no such file is here, and its name has no size such as 7B. Set deploy.modelBytes`,
  )
  return 1
}

function cutOf(model: PlannedModel, bytes: number, { deploy, notes }: EngineContext): Cut {
  const { gpusPerReplica: gpus, gpusPerNode, engine } = deploy
  const none = { gpus: 0, nodes: 1, tensorParallel: 1, pipelineParallel: 1 }
  if (gpus === 0) {
    if (bytes > quantityValue(deploy.memoryLimit))
      notes.fault(
        `${model.id}: ${formatBytes(bytes)} of weights are more than memoryLimit (${deploy.memoryLimit}): raise it, or take GPUs`,
      )
    notes.chose(`GPUs of ${model.id}`, 'none: gpusPerReplica is 0, so it computes on CPUs')
    return none
  }
  const gpuMemoryBytes = gpuMemory(deploy, notes)
  // Its layers are spread over the GPUs of one node, whatever their number.
  const heads = engine === 'llama' ? 1 : sizeByName(model.ref)?.heads
  const cut = cutModel({ bytes, heads, gpuMemoryBytes, gpusPerNode, gpus })
  if ('fault' in cut) {
    notes.fault(`${model.id}: ${cut.fault}`)
    return { ...none, gpus: 1 }
  }
  if (engine === 'llama' && cut.nodes > 1)
    notes.fault(
      `${model.id}: ${formatBytes(bytes)} of weights would need ${cut.nodes} nodes, and llama.cpp stays in one: take engine vllm or sglang, or larger GPUs`,
    )
  tellCut(model, bytes, gpuMemoryBytes, cut, deploy, notes)
  return engine === 'llama' ? { ...cut, tensorParallel: 1, pipelineParallel: 1 } : cut
}

const assumedGpuBytes = 16 * 1024 ** 3

function gpuMemory({ gpuMemoryBytes, gpuLabel, gpuLabelValues }: Deploy, notes: Notes): number {
  if (gpuMemoryBytes !== undefined) {
    notes.chose('memory of a GPU', `${formatBytes(gpuMemoryBytes)} (deploy.gpuMemoryBytes)`)
    return gpuMemoryBytes
  }
  const known = gpuMemoryByLabel(gpuLabelValues)
  const label = `${gpuLabel}: ${gpuLabelValues.join(', ')}`
  notes.chose(
    'memory of a GPU',
    known === undefined
      ? `${formatBytes(assumedGpuBytes)}, assumed: ${label} names no known GPU; gpuMemoryBytes says it`
      : `${formatBytes(known)} (${label})`,
  )
  return known ?? assumedGpuBytes
}

function tellCut(
  { id, ref }: PlannedModel,
  bytes: number,
  gpuMemoryBytes: number,
  { gpus, nodes, tensorParallel, pipelineParallel }: Cut,
  { gpusPerReplica, engine }: Deploy,
  notes: Notes,
): void {
  const room = `${formatBytes(bytes)} of weights; a GPU of ${formatBytes(gpuMemoryBytes)} has room for ${formatBytes(roomOfGpu(gpuMemoryBytes))} beside keys and values`
  notes.chose(`GPUs of ${id}`, `${gpus} (${gpusPerReplica === undefined ? room : 'deploy.gpusPerReplica'})`)
  if (engine === 'llama') return
  const heads = sizeByName(ref)?.heads
  const divides = heads === undefined ? '' : `; it divides the ${heads} heads of attention`
  notes.chose(`tensor parallel of ${id}`, `${tensorParallel} (within a node${divides})`)
  if (pipelineParallel > 1)
    notes.chose(
      `pipeline parallel of ${id}`,
      nodes > 1
        ? `${pipelineParallel} (${nodes} nodes of ${gpus / nodes} GPUs: a LeaderWorkerSet, whose controller the cluster needs)`
        : `${pipelineParallel} (what tensor parallelism leaves of ${gpus} GPUs)`,
    )
}

/** Milliseconds. */
function coldStartOf({ id, given }: PlannedModel, bytes: number, context: EngineContext): number {
  const { deploy, facts, isOnly, notes } = context
  const tell = (millis: number, why: string): number => {
    notes.chose(`start of ${id}`, `${startBudgetSeconds(millis)} s at most: three times ${why}`)
    return millis
  }
  const { coldStart } = facts
  if (coldStart !== undefined && (isOnly || coldStart.model === given))
    return tell(
      coldStart.millis,
      `the ${seconds(coldStart.millis)} s that were measured${coldStart.model === given ? '' : ` of ${coldStart.model}`}`,
    )
  if (deploy.coldStartMillis !== undefined)
    return tell(deploy.coldStartMillis, `the ${seconds(deploy.coldStartMillis)} s of deploy.coldStartMillis`)
  const { millis, formula } = estimateColdStart(deploy.engine, bytes)
  return tell(
    millis,
    `an estimate of ${seconds(millis)} s (${formula}); \`hadal bench coldstart\` measures it`,
  )
}

const seconds = (millis: number): string => String(Number((millis / 1000).toPrecision(3)))

/** Its source, or the name of one that the engine knows. */
function templateOf(
  { id, chatTemplate }: PlannedModel,
  { deploy, facts, notes }: EngineContext,
): string | undefined {
  if (chatTemplate === undefined) return undefined
  const source = facts.chatTemplates?.[chatTemplate]
  if (source === undefined && !/\{[{%]/.test(chatTemplate) && !/^[\w.-]+$/.test(chatTemplate))
    notes.fault(`${id}: chatTemplate ${chatTemplate} is no file here, so it would not be in the pod`)
  if (deploy.engine === 'sglang' && (source !== undefined || /\{[{%]/.test(chatTemplate)))
    notes.fault(`${id}: SGLang takes the name of a chat template, not its source: leave chatTemplate out`)
  return source ?? chatTemplate
}

function configOf(
  { id, settings }: PlannedModel,
  { plan, adapters, draftModel }: PlacedModel,
  chatTemplate: string | undefined,
  { service, drainMillis, notes }: EngineContext,
): Readonly<Record<string, unknown>> {
  notes.chose(
    `guard of ${id}`,
    'off in the engine: the gateway has screened what comes, and the network lets only gateways ask',
  )
  const isFetched = plan.storage !== 'image' && !plan.ref.startsWith('/')
  return {
    model: plan.ref,
    modelId: id,
    ...settings,
    ...(adapters.length > 0 && { adapters }),
    ...(draftModel !== undefined && { draftModel }),
    ...(chatTemplate !== undefined && { chatTemplate }),
    ...(isFetched && { cacheDir: plan.mountPath, offline: true }),
    ...(service.snapshotDir !== undefined && { snapshotDir: `${stateFolder}/snapshots` }),
    host: '0.0.0.0',
    port: enginePorts.llama,
    allowKeyless: true,
    guard: 'off',
    drainTimeoutMillis: drainMillis,
    logFormat: settings.logFormat ?? 'json',
  }
}

function tellLeftOut({ id, settings }: PlannedModel, kind: 'vllm' | 'sglang', notes: Notes): void {
  const left = Object.keys(settings).filter((key) => !takenSettings.includes(key) && !ofServers.has(key))
  if (left.length > 0)
    notes.chose(`settings of ${id}`, `left out, for ${kind} has no flag for it: ${left.join(', ')}`)
}

/** The gateway has them, too. */
const ofServers: ReadonlySet<string> = new Set([
  'bodyLimitBytes',
  'headerLimitBytes',
  'maxHeaders',
  'strictParameters',
  'logLevel',
  'accessLog',
  'logFormat',
  'logPrompts',
  'otlpEndpoint',
  'traceRatio',
])
