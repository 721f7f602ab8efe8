import { parameterCount } from '@hadal/nn'
import { describe, expect, it } from 'vitest'
import { adapterParameters, knownShapes, timesFewer } from './count.ts'

describe('what adapters and models have', () => {
  it('counts models by their shapes', () => {
    // 2 * 16 * 4096 for each of four square layers, 16 * (4096 + 11008) for three others, of 32 layers.
    expect(adapterParameters(knownShapes['Llama-2-7B']!, 16)).toBe(32 * (4 * 131_072 + 3 * 241_664))
    expect(parameterCount(knownShapes['Llama-2-7B']!)).toBe(6_738_415_616)
    expect(timesFewer(knownShapes['Llama-2-7B']!, 8)).toBeCloseTo(
      2 * timesFewer(knownShapes['Llama-2-7B']!, 16),
    )
  })
})
