import { expect, it } from 'vitest'
import { type Llama3Scaling, llama3Frequencies } from './llama3-rope.ts'

/** Llama 3.1's own: heads of 128, theta 500,000. */
const scaling: Llama3Scaling = {
  rope_type: 'llama3',
  factor: 8,
  low_freq_factor: 1,
  high_freq_factor: 4,
  original_max_position_embeddings: 8192,
}

it('keeps short waves, stretches long ones by the factor, and falls in between', () => {
  const stretch = llama3Frequencies(128, 500_000, scaling).map((f, i) => 500_000 ** (-i / 64) / f)
  // 8192 / 2π turns at most 4 times from pair 28.2 on (ln(8192 / 8π) · 64 / ln 500000), once from pair 35.0 on.
  stretch.slice(0, 29).forEach((times) => {
    expect(times).toBeCloseTo(1, 12)
  })
  expect(stretch[29]).toBeGreaterThan(1)
  expect(stretch[34]).toBeLessThan(8)
  stretch.slice(36).forEach((times) => {
    expect(times).toBeCloseTo(8, 12)
  })
  for (let i = 1; i < 64; i += 1) expect(stretch[i]).toBeGreaterThanOrEqual(stretch[i - 1]! - 1e-9)
})
