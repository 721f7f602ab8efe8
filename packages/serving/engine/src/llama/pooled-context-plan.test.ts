import { describe, expect, it } from 'vitest'
import { type PooledContextRequest, planPooledContext } from './pooled-context-plan.ts'

const request: PooledContextRequest = {
  whole: false,
  onCpu: true,
  maxBatchTokens: 512,
  contextLength: null,
  trainedLength: 4096,
  vocabularySize: 32_000,
  bytesPerCell: 20_000,
  budgetBytes: 2 ** 30,
}

describe('planPooledContext', () => {
  it('reserves room for one full-length text alongside a pass of short ones', () => {
    expect(planPooledContext(request)).toMatchObject({
      inputLength: 4096,
      passTokens: 512,
      capacity: 512,
      cells: 4096 + 512,
      bytes: (4096 + 512) * 20_000,
      lengthReason: 'what the model was trained for',
    })
  })

  it('takes shorter texts where memory is short, and says so', () => {
    const plan = planPooledContext({ ...request, budgetBytes: 50_000_000 })
    expect(plan.inputLength).toBe(1024)
    expect(plan.bytes).toBeLessThanOrEqual(50_000_000)
    expect(plan.lengthReason).toContain('4096 wanted')
  })

  it('makes passes smaller where the vocabulary is large', () => {
    expect(planPooledContext({ ...request, vocabularySize: 150_000 }).passTokens).toBe(223)
    expect(planPooledContext({ ...request, vocabularySize: 10_000_000 }).passTokens).toBe(64)
  })

  it('makes passes of whole texts as small as a CPU likes them, and no smaller elsewhere', () => {
    const passTokens = (more: Partial<PooledContextRequest>): number =>
      planPooledContext({ ...request, ...more }).passTokens
    expect(passTokens({ whole: true })).toBe(256)
    expect(passTokens({ whole: true, maxBatchTokens: 128 })).toBe(128)
    expect(passTokens({ whole: true, onCpu: false })).toBe(512)
    expect(passTokens({ maxBatchTokens: 1024 })).toBe(1024)
  })

  it('takes shorter whole texts where a large vocabulary fills the memory with room for logits', () => {
    const plan = planPooledContext({ ...request, whole: true, vocabularySize: 250_000 })
    expect(plan).toMatchObject({ inputLength: 1024, lengthReason: 'bounded by memory; 2048 wanted' })
  })

  it('takes a whole text at once, a long one only when asked', () => {
    const whole = { ...request, whole: true, trainedLength: 8192 }
    expect(planPooledContext(whole)).toMatchObject({ inputLength: 2048, capacity: 2048, cells: 2048 })
    expect(planPooledContext({ ...whole, contextLength: 5000 })).toMatchObject({
      inputLength: 5000,
      capacity: 5000,
      lengthReason: 'as configured',
    })
    expect(planPooledContext({ ...whole, contextLength: 100 })).toMatchObject({ capacity: 256 })
    expect(planPooledContext({ ...whole, trainedLength: 512, contextLength: 9999 }).inputLength).toBe(512)
  })
})
