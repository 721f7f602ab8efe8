/** What lies below tensors: memory that is held free, a limit, and what is said when there is no more. */

import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import {
  allocatorState,
  emptyCache,
  grad,
  memory,
  noGrad,
  scope,
  setMemoryLimit,
  setNumThreads,
  type Tensor,
  torch,
} from '@hadal/tensor'
import { afterEach, describe, expect, it } from 'vitest'

setNumThreads(1)
const mebi = 1024 ** 2

describe('the allocator', () => {
  it('holds free what was freed among what is still used, until it is emptied', () => {
    const many = Array.from({ length: 8000 }, () => torch.ones([4096]))
    const used = allocatorState()
    for (const tensor of many.slice(0, -1)) tensor.free()
    const freed = allocatorState()
    expect(used.inUseBytes - freed.inUseBytes).toBeGreaterThan(100 * mebi)
    // What is free of the process is not known to the byte: JavaScript's memory comes and goes, too.
    expect(freed.freeBytes - used.freeBytes).toBeGreaterThan(50 * mebi)
    emptyCache()
    const emptied = allocatorState()
    expect(freed.freeBytes - emptied.freeBytes).toBeGreaterThan(50 * mebi)
    expect(many.at(-1)!.sum().item()).toBe(4096)
  })
})

describe('a limit', () => {
  afterEach(() => setMemoryLimit(undefined))

  it('refuses what is more, says how much was asked, and counts nothing for it', () => {
    const { currentBytes } = memory()
    setMemoryLimit(currentBytes + mebi)
    for (let times = 0; times < 3; times += 1)
      expect(() => torch.ones([mebi])).toThrow(
        expect.objectContaining({
          code: 'tensor_out_of_memory',
          message: expect.stringContaining('out of memory allocating 4.0 MiB'),
        }),
      )
    expect(memory().currentBytes).toBe(currentBytes)
    scope(() => expect(torch.ones([1000]).sum().item()).toBe(1000))
    expect(memory().currentBytes).toBe(currentBytes)
  })

  it('also holds in the backward pass, which then leaves nothing behind', () => {
    const x = torch.ones([1000]).requiresGrad_(true)
    const { currentBytes } = memory()
    const back = (): Tensor[] => scope(() => grad(x.exp().exp().sum(), [x]))
    setMemoryLimit(currentBytes + 11_000)
    expect(back).toThrow(expect.objectContaining({ code: 'tensor_out_of_memory' }))
    expect(memory().currentBytes).toBe(currentBytes)
    setMemoryLimit(undefined)
    const [gradient] = back()
    expect(gradient!.get(0).item()).toBeCloseTo(Math.exp(Math.E) * Math.E, 2)
    gradient!.free()
    x.free()
  })

  it('lets go of what is there while nothing more is had', () => {
    const tensor = noGrad(() => torch.ones([1000]))
    setMemoryLimit(1)
    tensor.free()
    expect(() => torch.ones([1000])).toThrow(expect.objectContaining({ code: 'tensor_out_of_memory' }))
  })

  it('is returned when another replaces it', () => {
    const most = memory().currentBytes + 8 * mebi
    expect(setMemoryLimit(most)).toBeUndefined()
    expect(setMemoryLimit(2 * most)).toBe(most)
    expect(() => setMemoryLimit(-1)).toThrow()
    expect(setMemoryLimit(undefined)).toBe(2 * most)
    expect(setMemoryLimit(undefined)).toBeUndefined()
  })

  it('is at least 0', () => {
    expect(() => setMemoryLimit(-1)).toThrow(expect.objectContaining({ code: 'tensor_argument_invalid' }))
  })
})

it.skipIf(!existsSync('/usr/bin/prlimit'))(
  'a machine without more memory gives the same error, and goes on',
  () => {
    const program = fileURLToPath(new URL('./programs/exhaust.ts', import.meta.url))
    const args = ['--import', 'tsx', program]
    const { stdout, stderr } = spawnSync(process.execPath, args, {
      encoding: 'utf8',
      env: { ...process.env, NODE_OPTIONS: '', OMP_NUM_THREADS: '1' },
    })
    expect(stdout.trim().split('\n'), stderr).toEqual([
      expect.stringMatching(/^tensor_out_of_memory: ones\(.*out of memory allocating 2.0 GiB/),
      expect.stringMatching(/^tensor_out_of_memory: .*out of memory allocating 128 MiB/),
      'done',
    ])
  },
)
