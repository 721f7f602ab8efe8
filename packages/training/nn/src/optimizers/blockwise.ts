/**
 * Blockwise 8-bit quantisation: blocks of 256, each with its absolute maximum in fp32 and codes of the dynamic type (Dettmers et
 * al. 2022, arXiv:2110.02861).
 *
 * Shape suffixes: n blocks, k values of a block.
 */

import { scope, type Tensor, torch } from '@hadal/tensor'
import { boundariesOf, codeLookup, dynamicMap, lookupOffset, lookupShift } from './dynamic-map.ts'

export const blockSize = 256

/** Zero is divided by this where a block is zero throughout. */
const leastScale = 1e-38

/** The tensors that a map needs, for as many arrays as you like. */
export interface Codebook {
  /** By code. */
  readonly values: Tensor
  /** See `CodeLookup`. */
  readonly codes: Tensor
  readonly thresholds: Tensor
}

/** `signed` for values of either sign, otherwise all are non-negative. */
export function makeCodebook(signed: boolean): Codebook {
  const map = dynamicMap(signed)
  const { codes, thresholds } = codeLookup(boundariesOf(map))
  return { values: torch.tensor(map), codes: torch.tensor(codes), thresholds: torch.tensor(thresholds) }
}

/** `count` values, at first all zero. Off by at most 0.8 % of the largest in their block (unsigned: 0.4 %). */
export class BlockwiseArray {
  /** uint8 */
  readonly codes_nk: Tensor
  /** fp32 */
  readonly scales_n1: Tensor
  readonly #codebook: Codebook

  constructor(count: number, codebook: Codebook) {
    const blocks = Math.ceil(count / blockSize)
    this.codes_nk = torch.zeros([blocks, blockSize], { dtype: 'uint8' })
    this.scales_n1 = torch.zeros([blocks, 1])
    this.#codebook = codebook
  }

  /** fp32 [n, k] */
  read(): Tensor {
    return scope(() => {
      const indices = this.codes_nk.to('int32').flatten()
      const values_nk = this.#codebook.values.indexSelect(0, indices).reshape([...this.codes_nk.shape])
      return values_nk.mul_(this.scales_n1)
    })
  }

  /** fp32 [n, k]; left as they are. */
  write(values_nk: Tensor): void {
    scope(() => void this.scales_n1.copy_(values_nk.abs().amax(1, { keepdim: true })))
    scope(() => {
      const shares_nk = values_nk.div(this.scales_n1.clampMin(leastScale))
      this.codes_nk.copy_(encode(shares_nk.reshape([-1]), this.#codebook).reshape([...values_nk.shape]))
    })
  }
}

/** The codes of the nearest values, uint8, of fp32 values from -1 to 1, both in one dimension. */
function encode(shares: Tensor, { codes, thresholds }: Codebook): Tensor {
  const places = torch.bitwiseRightShift(shares.view('int32'), lookupShift).add_(lookupOffset)
  return codes.indexSelect(0, places).add_(shares.gt(thresholds.indexSelect(0, places)))
}

/** fp32 [n, k] of a tensor's values in row-major order, filled up with zeros. */
export function toBlocks(tensor: Tensor): Tensor {
  const flat = tensor.reshape([-1])
  const missing = -flat.numel & (blockSize - 1)
  return (missing > 0 ? torch.constantPadNd(flat, [0, missing]) : flat).reshape([-1, blockSize])
}

/** The inverse: without padding, in `shape`. */
export function fromBlocks(values_nk: Tensor, shape: readonly number[]): Tensor {
  const count = shape.reduce((product, size) => product * size, 1)
  return torch.narrow(values_nk.reshape([-1]), 0, 0, count).reshape([...shape])
}
