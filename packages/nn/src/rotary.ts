/**
 * Rotary position embedding (Su et al. 2021, arXiv:2104.09864), in the half-rotation form Llama has in Hugging Face:
 * dimension i turns together with dimension i + d/2.
 */

import { type Tensor, torch } from '@hadal/tensor'

/** cos and sin of every position's angles, each [maxPositions, headDim / 2] in fp32. */
export interface RotaryTable {
  readonly cos: Tensor
  readonly sin: Tensor
}

export function rotaryTable(maxPositions: number, headDim: number, theta: number): RotaryTable {
  const half = headDim / 2
  const cos = new Float32Array(maxPositions * half)
  const sin = new Float32Array(maxPositions * half)
  for (let position = 0; position < maxPositions; position += 1)
    for (let i = 0; i < half; i += 1) {
      const angle = position / theta ** ((2 * i) / headDim)
      cos[position * half + i] = Math.cos(angle)
      sin[position * half + i] = Math.sin(angle)
    }
  const shape = [maxPositions, half]
  return { cos: torch.tensor(cos, { shape }), sin: torch.tensor(sin, { shape }) }
}

/** The first `length` positions of a table. */
export const rotaryPrefix = (table: RotaryTable, length: number): RotaryTable => ({
  cos: table.cos.narrow(0, 0, length),
  sin: table.sin.narrow(0, 0, length),
})

/** Rotates x [batch, heads, time, headDim] by a table of `time` positions. */
export function rotate(x: Tensor, { cos, sin }: RotaryTable): Tensor {
  const [a, b] = x.chunk(2, -1) as [Tensor, Tensor]
  return torch.cat([a.mul(cos).sub(b.mul(sin)), b.mul(cos).add(a.mul(sin))], -1)
}
