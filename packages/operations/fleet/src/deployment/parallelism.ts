/**
 * The number of GPUs a model needs, and its parallelism: tensor parallelism within a node, pipeline parallelism between nodes.
 * Pure.
 *
 * 90 % of a GPU's memory is used, as with vLLM's `--gpu-memory-utilization 0.9`; at most four fifths of that for weights, and the
 * rest for the KV cache. Tensor parallelism is a power of two that divides the number of attention heads, if known, as vLLM and
 * SGLang require.
 */

import { formatBytes } from '@hadal/base'

export interface Need {
  readonly bytes: number
  readonly heads: number | undefined
  readonly gpuMemoryBytes: number
  readonly gpusPerNode: number
  /** As configured; otherwise the number the model needs. */
  readonly gpus: number | undefined
}

export interface Cut {
  readonly gpus: number
  readonly nodes: number
  readonly tensorParallel: number
  readonly pipelineParallel: number
}

export const gpuMemoryShare = 0.9
const weightShare = 0.8
/** Larger only if configured: otherwise the GPU was probably not recognised. */
const maxNodes = 4

/** Bytes for weights in one GPU. */
export const roomOfGpu = (gpuMemoryBytes: number): number => gpuMemoryBytes * gpuMemoryShare * weightShare

/** An issue when the model does not fit, with the numbers and what to change. */
export function cutModel(need: Need): Cut | { readonly issue: string } {
  const { bytes, gpuMemoryBytes, gpusPerNode, gpus } = need
  const room = roomOfGpu(gpuMemoryBytes)
  const counts = gpus === undefined ? countsFrom(gpusPerNode) : [gpus]
  const count = counts.find((each) => each * room >= bytes)
  if (count !== undefined) return cutInto(count, need)
  const needed = Math.ceil(bytes / room)
  const each = `${formatBytes(bytes)} of weights need ${needed} GPUs of ${formatBytes(gpuMemoryBytes)}, each with room for ${formatBytes(room)} next to the KV cache`
  return gpus === undefined
    ? {
        issue: `${each}; by default at most ${maxNodes} nodes of ${gpusPerNode} are used. Use larger GPUs (gpuLabelValues, gpuMemoryBytes), a smaller quantization, or set gpusPerReplica to ${Math.ceil(needed / gpusPerNode) * gpusPerNode}`,
      }
    : {
        issue: `${each}; gpusPerReplica is ${gpus}. Set it to ${usual(needed, gpusPerNode)} or remove it`,
      }
}

/** Parts of a node that leave no odd rest, then whole nodes. */
function countsFrom(gpusPerNode: number): number[] {
  const within = Array.from({ length: gpusPerNode }, (_, at) => at + 1).filter((n) => gpusPerNode % n === 0)
  return [...within, ...Array.from({ length: maxNodes - 1 }, (_, at) => (at + 2) * gpusPerNode)]
}

const usual = (needed: number, gpusPerNode: number): number =>
  countsFrom(gpusPerNode).find((count) => count >= needed) ?? Math.ceil(needed / gpusPerNode) * gpusPerNode

function cutInto(gpus: number, { gpusPerNode, heads }: Need): Cut {
  const nodes = Math.max(1, Math.ceil(gpus / gpusPerNode))
  const perNode = gpus / nodes
  const tensorParallel = powersOfTwo(perNode).findLast(
    (power) => perNode % power === 0 && (heads === undefined || heads % power === 0),
  )!
  return { gpus, nodes, tensorParallel, pipelineParallel: gpus / tensorParallel }
}

const powersOfTwo = (most: number): number[] =>
  Array.from({ length: Math.floor(Math.log2(most)) + 1 }, (_, exponent) => 2 ** exponent)
