import { type YarnScaling, yarnAmplitude, yarnFrequencies, yarnMagnitude, yarnScoreScale } from '@hadal/nn'
import { expect, it } from 'vitest'
import { v2Lite, v3 } from './published-configs.ts'

const plain = Array.from({ length: 32 }, (_, i) => 10_000 ** (-i / 32))

it('keeps fast rotations, stretches slow ones by the whole factor, and falls in between', () => {
  const stretch = yarnFrequencies(64, 10_000, v3.rope_scaling).map((frequency, i) => plain[i]! / frequency)
  // 64 · ln(4096 / (32 · 2π)) / (2 · ln 10000) = 10.5 and 64 · ln(4096 / 2π) / (2 · ln 10000) = 22.5
  stretch.slice(0, 11).forEach((times) => {
    expect(times).toBeCloseTo(1, 12)
  })
  stretch.slice(23).forEach((times) => {
    expect(times).toBeCloseTo(40, 10)
  })
  for (let i = 11; i < 23; i += 1) expect(stretch[i]).toBeGreaterThan(stretch[i - 1]!)
})

it('scales scores by the square of 0.1 · mscale_all_dim · ln(factor) + 1', () => {
  expect(yarnScoreScale(v3.rope_scaling)).toBeCloseTo(1.3689 ** 2, 3)
  expect(yarnScoreScale(v2Lite.rope_scaling)).toBeCloseTo(1.2608 ** 2, 3)
  expect(yarnAmplitude(v3.rope_scaling)).toBe(1)
})

it('without mscale_all_dim puts the magnitude into cos and sin', () => {
  const scaling: YarnScaling = { ...v3.rope_scaling, mscale_all_dim: 0 }
  expect(yarnAmplitude(scaling)).toBeCloseTo(1.3689, 4)
  expect(yarnScoreScale(scaling)).toBe(1)
  expect(yarnMagnitude(1, 1)).toBe(1)
})

it('mixes even where the ramp has no width', () => {
  const frequencies = yarnFrequencies(8, 10_000, { ...v3.rope_scaling, original_max_position_embeddings: 1 })
  expect(frequencies.every(Number.isFinite)).toBe(true)
})
