/** Sizes engines: model size, GPU capacity, and the number of GPUs; each choice is reported with its reason. Pure. */

import { formatBytes } from '@hadal/base'
import { type Deploy, quantityValue } from '@hadal/config'
import { gpuMemoryByLabel } from './gpu-memory.ts'
import { sizeByName } from './model-name.ts'
import type { Notes } from './notes.ts'
import { type Cut, cutModel, roomOfGpu } from './parallelism.ts'
import type { DeploymentFacts } from './plan-facts.ts'
import type { PlannedModel } from './planned-model.ts'

export interface SizeContext {
  readonly deploy: Deploy
  readonly facts: DeploymentFacts
  /** Single model: `modelBytes` applies to it. */
  readonly isOnly: boolean
  readonly notes: Notes
}

/** Bytes of the weights; if unknown, reports an issue and returns 1. */
export function weightBytes(
  { id, given, ref }: PlannedModel,
  { deploy, facts, isOnly, notes }: SizeContext,
): number {
  const what = `size of ${id}`
  const notify = (bytes: number, why: string): number => {
    notes.chose(what, `${formatBytes(bytes)} (${why})`)
    return bytes
  }
  const here = facts.modelBytes?.[given]
  if (deploy.modelBytes !== undefined && isOnly) return notify(deploy.modelBytes, 'deploy.modelBytes')
  if (here !== undefined) return notify(here, 'of the local file')
  const named = sizeByName(ref)
  if (named !== undefined) return notify(named.bytes, named.why)
  if (deploy.modelBytes !== undefined) return notify(deploy.modelBytes, 'deploy.modelBytes')
  notes.issue(
    `${id}: the size of ${given} is unknown: there is no such local file, and its name contains no size such as 7B. Set deploy.modelBytes`,
  )
  return 1
}

/** Number of GPUs and the parallelism; an issue when the model does not fit. */
export function cutEngine(model: PlannedModel, bytes: number, { deploy, notes }: SizeContext): Cut {
  const { gpusPerReplica: gpus, gpusPerNode, engine } = deploy
  const none = { gpus: 0, nodes: 1, tensorParallel: 1, pipelineParallel: 1 }
  if (gpus === 0) {
    if (bytes > quantityValue(deploy.memoryLimit))
      notes.issue(
        `${model.id}: ${formatBytes(bytes)} of weights exceed memoryLimit (${deploy.memoryLimit}): raise it, or use GPUs`,
      )
    notes.chose(`GPUs of ${model.id}`, 'none: gpusPerReplica is 0, so it runs on CPUs')
    return none
  }
  const gpuMemoryBytes = gpuMemory(deploy, notes)
  // Its layers are spread over the GPUs of one node, whatever their number.
  const heads = engine === 'llama' ? 1 : sizeByName(model.ref)?.heads
  const cut = cutModel({ bytes, heads, gpuMemoryBytes, gpusPerNode, gpus })
  if ('issue' in cut) {
    notes.issue(`${model.id}: ${cut.issue}`)
    return { ...none, gpus: 1 }
  }
  if (engine === 'llama' && cut.nodes > 1)
    notes.issue(
      `${model.id}: ${formatBytes(bytes)} of weights need ${cut.nodes} nodes, but llama.cpp runs on one: use engine vllm or sglang, or larger GPUs`,
    )
  reportCut(model, bytes, gpuMemoryBytes, cut, deploy, notes)
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
      ? `${formatBytes(assumedGpuBytes)}, assumed: ${label} is not a known GPU; set gpuMemoryBytes`
      : `${formatBytes(known)} (${label})`,
  )
  return known ?? assumedGpuBytes
}

function reportCut(
  { id, ref }: PlannedModel,
  bytes: number,
  gpuMemoryBytes: number,
  { gpus, nodes, tensorParallel, pipelineParallel }: Cut,
  { gpusPerReplica, engine }: Deploy,
  notes: Notes,
): void {
  const room = `${formatBytes(bytes)} of weights; a GPU of ${formatBytes(gpuMemoryBytes)} has room for ${formatBytes(roomOfGpu(gpuMemoryBytes))} next to the KV cache`
  notes.chose(`GPUs of ${id}`, `${gpus} (${gpusPerReplica === undefined ? room : 'deploy.gpusPerReplica'})`)
  if (engine === 'llama') return
  const heads = sizeByName(ref)?.heads
  const divides = heads === undefined ? '' : `; it divides the ${heads} attention heads`
  notes.chose(`tensor parallel of ${id}`, `${tensorParallel} (within a node${divides})`)
  if (pipelineParallel > 1)
    notes.chose(
      `pipeline parallel of ${id}`,
      nodes > 1
        ? `${pipelineParallel} (${nodes} nodes of ${gpus / nodes} GPUs: a LeaderWorkerSet, whose controller must be installed in the cluster)`
        : `${pipelineParallel} (the GPUs left over by tensor parallelism on ${gpus} GPUs)`,
    )
}
