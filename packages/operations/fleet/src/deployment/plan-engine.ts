/** Plans an engine, which runs one model, with the choices that follow from its size and GPUs. Pure. */

import { formatBytes } from '@hadal/base'
import { type Deploy, quantityValue, type Scaling, type Service } from '@hadal/config'
import type { EnginePlan } from './deployment.ts'
import { enginePorts, sglangCommands, takenSettings, vllmCommands } from './engine-commands.ts'
import { cutEngine, weightBytes } from './engine-size.ts'
import type { Notes } from './notes.ts'
import { type PlacedModel, placeModel } from './place-model.ts'
import type { DeploymentFacts } from './plan-facts.ts'
import type { PlannedModel } from './planned-model.ts'
import { configPath, stateFolder } from './pod-paths.ts'
import { estimateColdStart, podTimes, startBudgetSeconds } from './pod-times.ts'

export interface EngineContext {
  readonly deploy: Deploy
  readonly scaling: Scaling
  readonly service: Service
  readonly facts: DeploymentFacts
  readonly images: { readonly hadal: string; readonly engine: string }
  /** Single model: shared values apply to it. */
  readonly isOnly: boolean
  /** How long an engine that is to end may go on. */
  readonly drainMillis: number
  readonly notes: Notes
}

export function planEngine(name: string, model: PlannedModel, context: EngineContext): EnginePlan {
  const { deploy, scaling, images, drainMillis, notes } = context
  const kind = deploy.engine
  const bytes = weightBytes(model, context)
  const cut = cutEngine(model, bytes, context)
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
  if (kind !== 'llama') reportOthers(model, kind, gpusPerNode, context)
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

/** Milliseconds. */
function coldStartOf({ id, given }: PlannedModel, bytes: number, context: EngineContext): number {
  const { deploy, facts, isOnly, notes } = context
  const notify = (millis: number, why: string): number => {
    notes.chose(`start of ${id}`, `at most ${startBudgetSeconds(millis)} s: three times ${why}`)
    return millis
  }
  const { coldStart } = facts
  if (coldStart !== undefined && (isOnly || coldStart.model === given))
    return notify(
      coldStart.millis,
      `the measured ${seconds(coldStart.millis)} s${coldStart.model === given ? '' : ` of ${coldStart.model}`}`,
    )
  if (deploy.coldStartMillis !== undefined)
    return notify(
      deploy.coldStartMillis,
      `the ${seconds(deploy.coldStartMillis)} s of deploy.coldStartMillis`,
    )
  const { millis, formula } = estimateColdStart(deploy.engine, bytes)
  return notify(
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
    notes.issue(`${id}: chatTemplate ${chatTemplate} is not a local file, so it would not be in the pod`)
  const isSource = source !== undefined || /\{[{%]/.test(chatTemplate)
  if (deploy.engine === 'sglang' && isSource)
    notes.issue(`${id}: SGLang accepts the name of a chat template, not its source: remove chatTemplate`)
  if (deploy.engine === 'vllm' && !isSource)
    notes.issue(
      `${id}: vLLM needs the source of a chat template, and ${chatTemplate} is a template name of llama.cpp`,
    )
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
    'off in the engine: the gateway has already screened requests, and the network policy allows only gateways',
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

/**
 * Memory per vLLM or SGLang process, one for each GPU: Python, CUDA, its part of /dev/shm, and buffers for
 * loading weights.
 */
const processBytes = 5 * 1024 ** 3

function reportOthers(
  { id, settings }: PlannedModel,
  kind: 'vllm' | 'sglang',
  processes: number,
  { deploy, notes }: EngineContext,
): void {
  const left = Object.keys(settings).filter((key) => !takenSettings.includes(key) && !ofServers.has(key))
  if (left.length > 0)
    notes.chose(`settings of ${id}`, `omitted, since ${kind} has no flag for it: ${left.join(', ')}`)
  if (kind === 'vllm' && settings.contextLength === undefined)
    notes.chose(`context of ${id}`, 'as long as the KV cache allows (--max-model-len auto)')
  if (processes * processBytes > quantityValue(deploy.memoryLimit))
    notes.chose(
      `memory of ${id}`,
      `${deploy.memoryLimit} from memoryLimit, which is low: ${processes} processes need about ${formatBytes(processBytes)} each`,
    )
}

/** The gateway has them, too. */
const ofServers: ReadonlySet<string> = new Set([
  'bodyLimitBytes',
  'bodyMemoryBytes',
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
