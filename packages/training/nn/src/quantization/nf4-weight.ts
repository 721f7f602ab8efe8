/**
 * A matrix in NF4 (QLoRA, Dettmers et al. 2023, arXiv:2305.14314): 4 bits a value and one magnitude for every 64, which takes half
 * a bit more in fp32, an eighth where those are kept in 8 bits, too ("double quantization", section 3 there). The layout is that of
 * bitsandbytes.
 */

import { type DType, noGrad, op, scope, type Tensor } from '@hadal/tensor'
import type { PackedWeight } from '../layers.ts'
import { BlockwiseArray, type Codebook, toBlocks } from '../optimizers/blockwise.ts'

const pack = op('hadal::nf4_pack')
const unpack = op('hadal::nf4_unpack')
const linear = op('hadal::nf4_linear')

/** The values of a block that share a magnitude. */
const nf4Block = 64

/** How the magnitudes of blocks are kept. */
interface Scales {
  /** fp32: of each block, or of each 256 blocks. */
  readonly scales: Tensor
  /** uint8 of each block: what `map` gives, times the scale, plus `mean`. */
  readonly codes: Tensor | null
  readonly map: Tensor | null
  /** fp32 [1] */
  readonly mean: Tensor | null
}

/**
 * A matrix in 4 bits of normal distribution (https://arxiv.org/abs/2305.14314): what QLoRA keeps frozen.
 *
 * @example
 * ```ts
 * import { Nf4Weight } from '@hadal/nn'
 * import { torch } from '@hadal/tensor'
 *
 * const weight = new Nf4Weight(torch.randn([64, 128]))
 * weight.linear(torch.randn([2, 128])).shape // → [ 2, 64 ]
 * ```
 */
export class Nf4Weight implements PackedWeight {
  readonly shape: readonly number[]
  /** uint8, two values each, the first in the upper half. */
  readonly packed: Tensor
  readonly #scales: Scales

  /**
   * Packs the fp32 values of `weight`; with the signed `codebook` (of `makeCodebook`), whose values it keeps using, magnitudes are
   * stored in 8 bits. Its tensors belong to the caller's scope.
   */
  constructor(weight: Tensor, codebook?: Codebook) {
    this.shape = weight.shape
    const { packed, ...scales } = noGrad(() => packWeight(weight, codebook))
    this.packed = packed
    this.#scales = scales
  }

  /** Without a bias: with one autograd takes what the operator gives for a view, and refuses to change it in place. */
  linear(x: Tensor): Tensor {
    const { scales, codes, map, mean } = this.#scales
    return linear(x, this.packed, scales, codes, map, mean, this.shape, null) as Tensor
  }

  unpack(dtype: DType = 'float32'): Tensor {
    const { scales, codes, map, mean } = this.#scales
    return unpack(this.packed, scales, codes, map, mean, this.shape, dtype) as Tensor
  }

  /** Excludes the map, which all weights share. */
  get byteLength(): number {
    const { scales, codes, mean } = this.#scales
    return [this.packed, scales, codes, mean].reduce((sum, tensor) => sum + (tensor?.nbytes ?? 0), 0)
  }
}

function packWeight(weight: Tensor, codebook: Codebook | undefined): Scales & { readonly packed: Tensor } {
  return scope(() => {
    const [packed, magnitudes] = pack(weight.float()) as [Tensor, Tensor]
    if (!codebook) return { packed, scales: magnitudes, codes: null, map: null, mean: null }
    const mean = magnitudes.mean().reshape([1])
    const array = new BlockwiseArray(magnitudes.numel, codebook)
    array.write(toBlocks(magnitudes.sub(mean)))
    const codes = array.codes_nk.flatten().narrow(0, 0, magnitudes.numel).clone()
    return { packed, scales: array.scales_n1.flatten(), codes, map: codebook.values, mean }
  })
}

/** Bytes of one matrix of `count` values. */
export function nf4Bytes(count: number, double: boolean): number {
  const blocks = Math.ceil(count / nf4Block)
  const scales = double ? blocks + Math.ceil(blocks / 256) * 4 + 4 : blocks * 4
  return blocks * (nf4Block / 2) + scales
}
