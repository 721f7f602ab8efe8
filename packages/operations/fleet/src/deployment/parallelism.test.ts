/** How models are cut over GPUs and nodes. */

import fc from 'fast-check'
import { expect, it } from 'vitest'
import { gpuMemoryByLabel } from './gpu-memory.ts'
import { type Cut, cutModel, roomOfGpu } from './parallelism.ts'

const gb = 1e9
const of = (label: string): number => gpuMemoryByLabel([label])!

it.each([
  // model, GB, heads, GPU, GPUs of a node: GPUs, nodes, tensor, pipeline
  ['DeepSeek-V3 on H200', 688.8, 128, 'NVIDIA-H200', 8, [8, 1, 8, 1]],
  ['DeepSeek-V3 on H100', 688.8, 128, 'nvidia-h100-80gb', 8, [16, 2, 8, 2]],
  ['70B on H100', 141.2, 64, 'NVIDIA-H100-80GB-HBM3', 8, [4, 1, 4, 1]],
  ['70B on L4', 141.2, 64, 'nvidia-l4', 8, [16, 2, 8, 2]],
  ['7B with 28 heads on T4', 15.2, 28, 'nvidia-tesla-t4', 8, [2, 1, 2, 1]],
  ['a large model with 28 heads', 80, 28, 'nvidia-l4', 8, [8, 1, 4, 2]],
  ['8B on H100', 16.1, 32, 'nvidia-h100-80gb', 8, [1, 1, 1, 1]],
  ['70B in 4 bits on nodes of 6', 44, 64, 'nvidia-l4', 6, [3, 1, 1, 3]],
  ['one GPU a node', 15.2, 28, 'nvidia-tesla-t4', 1, [2, 2, 1, 2]],
])('%s', (_what, size, heads, gpu, gpusPerNode, [gpus, nodes, tensorParallel, pipelineParallel]) => {
  const cut = cutModel({ bytes: size * gb, heads, gpuMemoryBytes: of(gpu), gpusPerNode, gpus: undefined })
  expect(cut).toEqual({ gpus, nodes, tensorParallel, pipelineParallel })
})

it('says what a model would need that is too large, and what to change', () => {
  const need = { bytes: 688.8 * gb, heads: 128, gpuMemoryBytes: 16 * 1024 ** 3, gpusPerNode: 8 }
  expect(cutModel({ ...need, gpus: undefined })).toEqual({
    issue:
      '641 GiB of weights need 56 GPUs of 16.0 GiB, each with room for 11.5 GiB next to the KV cache; by default at most 4 nodes of 8 are used. Use larger GPUs (gpuLabelValues, gpuMemoryBytes), a smaller quantization, or set gpusPerReplica to 56',
  })
  expect(cutModel({ ...need, gpus: 8 })).toEqual({
    issue: expect.stringContaining('gpusPerReplica is 8. Set it to 56 or remove it'),
  })
  expect(cutModel({ ...need, gpus: 56 })).toMatchObject({ nodes: 7, tensorParallel: 8, pipelineParallel: 7 })
})

const need = fc.record({
  bytes: fc.integer({ min: 1, max: 2e12 }),
  heads: fc.option(fc.integer({ min: 1, max: 256 }), { nil: undefined }),
  gpuMemoryBytes: fc.integer({ min: 4e9, max: 200e9 }),
  gpusPerNode: fc.integer({ min: 1, max: 64 }),
})

it('always fits, in whole nodes, by a power of two that divides the heads', () => {
  fc.assert(
    fc.property(need, (each) => {
      const cut = cutModel({ ...each, gpus: undefined })
      if ('issue' in cut) return
      expect(cut.gpus * roomOfGpu(each.gpuMemoryBytes)).toBeGreaterThanOrEqual(each.bytes)
      expect(cut.tensorParallel * cut.pipelineParallel).toBe(cut.gpus)
      expect(Math.log2(cut.tensorParallel) % 1).toBe(0)
      expect(cut.gpus % cut.nodes).toBe(0)
      expect((cut.gpus / cut.nodes) % cut.tensorParallel).toBe(0)
      if (each.heads !== undefined) expect(each.heads % cut.tensorParallel).toBe(0)
      expect(cut.nodes === 1 ? each.gpusPerNode % cut.gpus : cut.gpus % each.gpusPerNode).toBe(0)
    }),
  )
})

it('takes no more GPUs where each has more memory', () => {
  fc.assert(
    fc.property(need, (each) => {
      const cut = cutModel({ ...each, gpus: undefined })
      if ('issue' in cut) return
      const larger = { ...each, gpuMemoryBytes: each.gpuMemoryBytes * 2, gpus: undefined }
      expect((cutModel(larger) as Cut).gpus).toBeLessThanOrEqual(cut.gpus)
    }),
  )
})

it.each([
  [['nvidia-tesla-t4'], 15_360],
  [['NVIDIA-A100-SXM4-40GB'], 40_960],
  [['nvidia-tesla-a100'], 40_960],
  [['nvidia-a100-80gb'], 81_920],
  [['NVIDIA-H100-80GB-HBM3'], 81_559],
  [['nvidia-h200-141gb'], 143_771],
  [['NVIDIA-L40S'], 46_068],
  [['nvidia-l4', 'nvidia-tesla-t4'], 15_360],
  [['Tesla-V100-SXM2-32GB'], 32_768],
])('%j has %s MiB', (labels, mebibytes) => expect(gpuMemoryByLabel(labels)).toBe(mebibytes * 1024 ** 2))

it('knows slices of a GPU, and says where it does not know one', () => {
  expect(gpuMemoryByLabel(['NVIDIA-A100-SXM4-80GB-MIG-3g.40gb'])).toBe(40e9)
  expect(gpuMemoryByLabel(['true'])).toBeUndefined()
  expect(gpuMemoryByLabel(['nvidia-l4', 'something'])).toBeUndefined()
  expect(gpuMemoryByLabel([])).toBeUndefined()
})
