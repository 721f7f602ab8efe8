import { describe, expect, it } from 'vitest'
import { precisionIssues } from './precision-issues.ts'
import type { RunConfig } from './run-config.ts'

const issues = (config: Partial<RunConfig>): string[] => precisionIssues({ precision: 'fp32', ...config })

describe('a precision', () => {
  it('stands with what belongs to it', () => {
    for (const precision of ['fp32', 'bf16', 'fp16', 'fp8'] as const)
      expect(issues({ precision })).toEqual([])
    expect(issues({ precision: 'fp16', lossScale: { initial: 128, least: 0 } })).toEqual([])
    expect(issues({ precision: 'fp8', fp8: { historySteps: 1, margin: 2 } })).toEqual([])
    expect(issues({ precision: 'fp8', adapter: { quantization: 'none' } })).toEqual([])
  })

  it('that is none is named', () => {
    expect(issues({ precision: 'int8' as 'fp8' })).toEqual([
      'precision is "int8"; it must be "fp32", "bf16", "fp16" or "fp8"',
    ])
  })

  it('has nothing of another one', () => {
    expect(issues({ precision: 'bf16', lossScale: {}, fp8: {} })).toEqual([
      'lossScale is of precision "fp16"; the run has "bf16"',
      'fp8 is of precision "fp8"; the run has "bf16"',
    ])
  })

  it('that needs full matrices cannot be combined with packed ones', () => {
    expect(issues({ precision: 'fp8', adapter: { quantization: 'nf4' } })).toEqual([
      expect.stringContaining('cannot be combined with adapter.quantization "nf4"'),
    ])
  })

  it('has every number of its scale checked', () => {
    const lossScale = { initial: 0, growthFactor: 1, backoffFactor: 1, growthInterval: 0.5, least: 2 }
    expect(issues({ precision: 'fp16', lossScale })).toEqual([
      'lossScale.initial is 0; it must be above 0 and a float32',
      'lossScale.growthFactor is 1; it must be above 1',
      'lossScale.backoffFactor is 1; it must be between 0 and 1',
      'lossScale.growthInterval is 0.5; it must be a whole number of at least 1',
      'lossScale.least is 2; it must be at least 0 and at most lossScale.initial',
    ])
    expect(issues({ precision: 'fp16', lossScale: { initial: 1e39 } })).toHaveLength(1)
    expect(issues({ precision: 'fp8', fp8: { historySteps: 0, margin: -1 } })).toEqual([
      'fp8.historySteps is 0; it must be a whole number of at least 1',
      'fp8.margin is -1; it must be a whole number of at least 0',
    ])
  })
})
