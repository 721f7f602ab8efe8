import { describe, expect, it } from 'vitest'
import { noResult } from './attempt-job.ts'
import { judgeAllocator } from './judge.ts'
import type { AllocatorRaw, GpuAttempts, LimitedTraining } from './measure.ts'

const done = { ...noResult, losses: [2, 1.5], peakResidentMiB: 500 }
const died = { ...noResult, failure: 'tensor_out_of_memory', peakResidentMiB: 400 }

const training = (fields: Partial<LimitedTraining> = {}): LimitedTraining => ({
  ...{ seed: 1, limitMiB: 100, plainWithRoom: done, plainLimited: died, trainerWithRoom: done },
  trainerLimited: { ...done, losses: [2, 1.500001], parts: 4 },
  ...fields,
})

const rawOf = (fields: Partial<AllocatorRaw> = {}): AllocatorRaw => ({
  ...{ canLimit: true, steps: 2, trainings: [training()], gpu: null },
  heldFree: [{ ...noResult, residentMiB: [400, 290] }],
  ...fields,
})

const gpu: GpuAttempts = { naive: { ...died, heldFreeMiB: 70_000 }, emptied: noResult, expandable: noResult }

describe('the verdict on maintenance of the allocator', () => {
  it('is partly reproduced without a GPU, and says which part was not run', () => {
    expect(judgeAllocator(rawOf(), 'quick')).toMatchObject({
      verdict: 'partly',
      measured:
        'under a limit the plain loop runs out of memory 1 of 1 times, the trainer never (passes in 4 parts)',
      reason: expect.stringMatching(/caching allocator of CUDA.*not run.*within 7e-7.*110 MiB back/),
    })
  })

  it('is “not reproduced” when the trainer crashes, trains differently, or plain training does not crash', () => {
    for (const changed of [
      { trainerLimited: died },
      { trainerLimited: { ...done, losses: [2, 1.6] } },
      { trainerLimited: { ...done, losses: [2] } },
      { plainLimited: done },
    ])
      expect(judgeAllocator(rawOf({ trainings: [training(changed)] }), 'quick').verdict).toBe(
        'not reproduced',
      )
  })

  it('says so where the limit ended nothing', () => {
    const judged = judgeAllocator(rawOf({ trainings: [training({ plainLimited: done })] }), 'quick')
    expect(judged.reason).toContain('did not run out of memory 1 of 1 times (done)')
  })

  it('is reproduced where a GPU runs out without it, and not with it', () => {
    const judged = judgeAllocator(rawOf({ gpu }), 'quick')
    expect(judged.verdict).toBe('reproduced')
    expect(judged.measured).toContain('does not fit with 68 GiB held free, and fits after emptying')
  })

  it('is partly so where the GPU does not run out, or runs out all the same', () => {
    expect(judgeAllocator(rawOf({ gpu: { ...gpu, naive: noResult } }), 'quick').verdict).toBe('partly')
    expect(judgeAllocator(rawOf({ gpu: { ...gpu, emptied: died } }), 'quick').verdict).toBe('partly')
    const crashed = { ...gpu, naive: { ...died, failure: 'prove_program_failed' } }
    const { verdict, measured } = judgeAllocator(rawOf({ gpu: crashed }), 'quick')
    expect([verdict, measured]).toEqual(['partly', expect.stringContaining('(prove_program_failed)')])
  })

  it('is not to be had where nothing can be limited', () => {
    const judged = judgeAllocator(rawOf({ canLimit: false, trainings: [] }), 'quick')
    expect(judged.verdict).toBe('not here')
  })
})
