import { describe, expect, it } from 'vitest'
import { tinyOptions } from '../../test/tiny-run.ts'
import { defineRun, type RunOptions } from '../run.ts'
import { dividedIssues } from './divided-issues.ts'

const options = tinyOptions('runs/tiny')
const issuesOf = (change: Partial<RunOptions>): string[] => {
  try {
    defineRun({ ...options, ...change })
    return []
  } catch (error) {
    return (error as Error).message.split('\n  - ').slice(1)
  }
}

describe('a run whose layers are divided is refused', () => {
  it('where sizes do not divide, by their names', () => {
    expect(issuesOf({ parallel: { tensor: 2, sequence: true } })).toEqual([])
    expect(issuesOf({ parallel: { tensor: 3, expert: 2, sequence: true } })).toEqual([
      'model.vocab_size 32 does not divide by parallel.tensor 3',
      'model.num_attention_heads 4 does not divide by parallel.tensor 3',
      'model.num_key_value_heads 2 does not divide by parallel.tensor 3',
      'model.n_routed_experts is missing, and parallel.expert 2 has nothing to divide',
      'data.train has windows of 8 tokens, which parallel.sequence cannot divide by parallel.tensor 3',
    ])
  })

  it('with an optimizer that needs whole matrices', () => {
    for (const kind of ['adamw', 'lion', 'sgd'] as const)
      expect(issuesOf({ optimizer: { kind }, parallel: { tensor: 2 } })).toEqual([])
    for (const kind of ['muon', 'adafactor', 'adamw-8bit'] as const)
      expect(issuesOf({ optimizer: { kind }, parallel: { tensor: 2 } })).toEqual([
        `optimizer.kind "${kind}" updates whole matrices; with parallel.tensor choose one of adamw, lion, sgd`,
      ])
  })

  it('with adapters that read whole matrices, or belong to divided experts', () => {
    const adapter = { dora: true, dropout: 0.1, quantization: 'nf4' } as const
    const own = { adapter, startFrom: new Map() }
    expect(dividedIssues({ ...defineRun(options), ...own, parallel: { tensor: 2 } })).toEqual([
      'adapter.dora needs whole layers; remove parallel.tensor',
      'adapter.dropout needs whole layers; remove parallel.tensor',
      'adapter.quantization needs whole layers; remove parallel.tensor',
    ])
    expect(dividedIssues({ ...defineRun(options), adapter: {}, parallel: { tensor: 2 } })).toEqual([])
    expect(dividedIssues({ ...defineRun(options), adapter: {}, parallel: { expert: 2 } })).toContain(
      'adapter requires the experts on all ranks; remove parallel.expert',
    )
  })

  it('in fp8, whose scales are of whole matrices', () => {
    for (const precision of ['bf16', 'fp16'] as const)
      expect(issuesOf({ precision, parallel: { tensor: 2 } })).toEqual([])
    expect(issuesOf({ precision: 'fp8', parallel: { tensor: 2 } })).toEqual([
      'precision "fp8" scales by what one rank sees; with parallel.tensor choose "bf16" or "fp16"',
    ])
    expect(issuesOf({ precision: 'fp8', parallel: { expert: 2 } })).toContain(
      'precision "fp8" scales by what one rank sees; with parallel.expert choose "bf16" or "fp16"',
    )
  })
})
