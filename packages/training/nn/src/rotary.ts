/**
 * Rotary position embedding (Su et al. 2021, arXiv:2104.09864), in both forms: Llama in Hugging Face turns dimension i
 * together with dimension i + d/2, which `attentionHeads` does, DeepSeek dimension 2i together with 2i + 1, as the paper does.
 */

import { type Tensor, torch } from '@hadal/tensor'
import { constant } from './parameter.ts'

/** cos and sin of every position's angles, each [maxPositions, headDim / 2] in fp32. */
export interface RotaryTable {
  readonly cos: Tensor
  readonly sin: Tensor
}

/** theta^(-2i/width) for i below width / 2: radians a position, of each pair of dimensions. */
export const inverseFrequencies = (width: number, theta: number): number[] =>
  Array.from({ length: width / 2 }, (_, i) => theta ** (-(2 * i) / width))

/** The table of `frequencies`, in radians a position; `amplitude` multiplies cos and sin. */
export function rotaryTable(
  maxPositions: number,
  frequencies: readonly number[],
  amplitude = 1,
): RotaryTable {
  const half = frequencies.length
  const table = (turn: (angle: number) => number): Tensor =>
    constant([maxPositions, half], (values) => {
      for (let position = 0; position < maxPositions; position += 1)
        for (let i = 0; i < half; i += 1)
          values[position * half + i] = amplitude * turn(position * frequencies[i]!)
    })
  return { cos: table(Math.cos), sin: table(Math.sin) }
}

/** The first `length` positions of a table. */
export const rotaryPrefix = (table: RotaryTable, length: number): RotaryTable => ({
  cos: table.cos.narrow(0, 0, length),
  sin: table.sin.narrow(0, 0, length),
})

/** Rotates x [batch, heads, time, headDim], dimension 2i with 2i + 1, by a table of `time` positions. */
export function rotateInterleaved(x: Tensor, { cos, sin }: RotaryTable): Tensor {
  const [a, b] = x.unflatten(-1, [-1, 2]).unbind(-1) as [Tensor, Tensor]
  return torch.stack([a.mul(cos).sub(b.mul(sin)), b.mul(cos).add(a.mul(sin))], -1).flatten(-2)
}
