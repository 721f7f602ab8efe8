import { expect, it } from 'vitest'
import { type GgufPrecision, tensorType } from './gguf-types.ts'

const type = (
  name: string,
  row: number,
  precision: GgufPrecision,
  { layers = 16, tied = false } = {},
): string =>
  tensorType({ name, shape: [4, row], data: () => new Float32Array() }, { precision, layers, tied })

it.each(['F32', 'F16', 'BF16', 'Q8_0', 'Q4_0', 'Q4_K'] as const)(
  'routers stay in F32 with %s',
  (precision) => {
    expect(type('blk.0.ffn_gate_inp.weight', 256, precision)).toBe('F32')
    const vector = { name: 'blk.0.attn_norm.weight', shape: [256], data: () => new Float32Array() }
    expect(tensorType(vector, { precision, layers: 1, tied: false })).toBe('F32')
    expect(type('blk.3.attn_q.weight', 256, precision)).toBe(precision)
  },
)

it('the head has six bits where others have four, be it the embedding or not', () => {
  for (const precision of ['Q4_0', 'Q4_K'] as const) {
    expect(type('output.weight', 256, precision)).toBe('Q6_K')
    expect(type('token_embd.weight', 256, precision)).toBe(precision)
    expect(type('token_embd.weight', 256, precision, { tied: true })).toBe('Q6_K')
  }
  expect(type('output.weight', 256, 'Q8_0')).toBe('Q8_0')
})

it('Q4_K gives six bits to what suffers most, in the layers that llama.cpp names', () => {
  const layersOf = (kind: string): number[] =>
    Array.from({ length: 16 }, (_, layer) => layer).filter(
      (layer) => type(`blk.${layer}.${kind}.weight`, 256, 'Q4_K') === 'Q6_K',
    )
  // use_more_bits(0 … 15, 16).
  const expected = [0, 1, 4, 7, 10, 13, 14, 15]
  for (const kind of ['attn_v', 'attn_v_b', 'ffn_down', 'ffn_down_exps', 'ffn_down_shexp'])
    expect(layersOf(kind)).toEqual(expected)
  expect(layersOf('ffn_up')).toEqual([])
})

it('rows that fill no blocks get the next type that they fill', () => {
  expect(type('blk.3.attn_k_b.weight', 128, 'Q4_K')).toBe('Q8_0')
  expect(type('blk.3.attn_k_b.weight', 24, 'Q4_K')).toBe('F16')
  expect(type('blk.3.attn_k_b.weight', 24, 'Q8_0')).toBe('F16')
})
