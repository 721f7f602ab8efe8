import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type ContextRequest, kvBudget, planContext } from './context-plan.ts'

const request: ContextRequest = {
  maxBatchSize: 8,
  contextLength: null,
  trainedLength: 2048,
  bytesPerCell: 20_000,
  kvCacheBytes: null,
  freeBytes: 16 * 1024 ** 3,
  batchInvariant: true,
  onCpu: true,
  oneLatent: false,
}

describe('planContext', () => {
  it('gives each sequence the trained length when memory is ample', () => {
    expect(planContext(request)).toMatchObject({ contextLength: 2048, cells: 8 * 2048, shared: false })
  })

  it('rounds cells up as llama.cpp does, and promises what was asked', () => {
    expect(planContext({ ...request, contextLength: 300 })).toMatchObject({
      contextLength: 300,
      cells: 8 * 512,
    })
  })

  it('never promises more than the model was trained for, and says so', () => {
    const plan = planContext({ ...request, contextLength: 9999 })
    expect(plan?.contextLength).toBe(2048)
    expect(plan?.choices[0]).toContain('9999 asked')
  })

  it('halves a long default to a comfortable size', () => {
    const plan = planContext({ ...request, trainedLength: 131_072 })
    expect(plan).toMatchObject({ contextLength: 4096, shared: false })
    expect(plan?.choices[0]).toContain('trained for 131072')
  })

  it('shares one pool when memory does not hold a context for each', () => {
    const big = { ...request, trainedLength: 131_072, bytesPerCell: 512 * 1024 }
    expect(planContext(big)).toMatchObject({
      contextLength: 8192,
      cells: 8192,
      shared: true,
      flashAttention: 'auto',
    })
    expect(planContext({ ...big, contextLength: 8000 })).toMatchObject({ contextLength: 8000, shared: true })
    expect(planContext({ ...big, contextLength: 9000 })).toBeUndefined()
  })

  it('turns flash attention off only for invariance, on the CPU', () => {
    expect(planContext(request)?.flashAttention).toBe('off')
    expect(planContext({ ...request, onCpu: false })?.flashAttention).toBe('auto')
    expect(planContext({ ...request, batchInvariant: false })?.flashAttention).toBe('auto')
  })

  it('attends row by row in short contexts, where keys and values can be of two types', () => {
    const short = { ...request, trainedLength: 512 }
    expect(planContext(short)?.flashAttention).toBe('byRow')
    expect(planContext({ ...short, oneLatent: true })?.flashAttention).toBe('off')
    expect(planContext({ ...short, oneLatent: true, batchInvariant: false })?.flashAttention).toBe('auto')
  })

  it('stays within the budget and within the promise', () => {
    const requests = fc.record({
      maxBatchSize: fc.integer({ min: 1, max: 256 }),
      contextLength: fc.option(fc.integer({ min: 16, max: 200_000 })),
      trainedLength: fc.integer({ min: 64, max: 200_000 }),
      bytesPerCell: fc.integer({ min: 100, max: 2_000_000 }),
      kvCacheBytes: fc.option(fc.integer({ min: 1, max: 2 ** 40 })),
      freeBytes: fc.integer({ min: 0, max: 2 ** 40 }),
      batchInvariant: fc.boolean(),
      onCpu: fc.boolean(),
      oneLatent: fc.boolean(),
    })
    fc.assert(
      fc.property(requests, (request) => {
        const plan = planContext(request)
        if (plan === undefined) return
        expect(plan.cells * request.bytesPerCell).toBeLessThanOrEqual(kvBudget(request))
        expect(plan.contextLength).toBeLessThanOrEqual(request.trainedLength)
        expect(plan.contextLength).toBeGreaterThanOrEqual(1)
        const each = plan.shared ? plan.cells : plan.cells / request.maxBatchSize
        expect(plan.contextLength).toBeLessThanOrEqual(each)
        if (request.contextLength !== null)
          expect(plan.contextLength).toBe(Math.min(request.contextLength, request.trainedLength))
      }),
    )
  })
})
