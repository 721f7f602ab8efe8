/**
 * What layers report of their use of parameters while there is a listener, so that gradients of single samples can be had from the input
 * and the gradients of the output (book-keeping, Bu et al. 2022, arXiv:2210.00038). Ordinary training has no listener, and then
 * nothing is made or kept.
 */

import type { Tensor } from '@hadal/tensor'

/** Dimension 0 of input and output are the rows of a batch, none of which reads another. Parameters may be frozen. */
export type LayerUse = LinearUse | EmbeddingUse | NormUse | ConvolutionUse | RowsUse

/** output = input weightᵀ + bias */
export interface LinearUse {
  readonly layer: 'linear'
  readonly input: Tensor
  /** [o, i] */
  readonly weight: Tensor
  readonly bias?: Tensor | undefined
}

/** output = weight[input] */
export interface EmbeddingUse {
  readonly layer: 'embedding'
  readonly input: Tensor
  /** [v, d] */
  readonly weight: Tensor
}

/** output = normalize(input) · weight + bias, both along one dimension. */
export interface NormUse {
  readonly layer: 'norm'
  readonly input: Tensor
  readonly weight: Tensor
  readonly bias?: Tensor | undefined
  /** Which dimension of the output weight and bias are along. */
  readonly along: 1 | -1
  /** In fp32, of an input in fp32. */
  readonly normalize: (input: Tensor) => Tensor
}

/** Convolution over sequences, [b, c, t], or images, [b, c, h, w]; weight [o, c / groups, ...]. */
export interface ConvolutionUse {
  readonly layer: 'convolution'
  readonly input: Tensor
  readonly weight: Tensor
  readonly bias?: Tensor | undefined
  readonly stride: readonly number[]
  readonly padding: readonly number[]
  readonly dilation: readonly number[]
  readonly groups: number
}

/** output [rows, ...]: the parameter [...] once for each row. */
export interface RowsUse {
  readonly layer: 'rows'
  readonly parameter: Tensor
}

export type Listener = (output: Tensor, use: LayerUse) => void

let listener: Listener | undefined

/** Whether a layer has to `notify`. */
export const isListenedTo = (): boolean => listener !== undefined

/** Reports how a layer computed `output` from its parameters; returns it. */
export function notify(output: Tensor, use: LayerUse): Tensor {
  listener?.(output, use)
  return output
}

/** Layers inside `body`, which is synchronous, report only to `next`; without it, to no listener. */
export function listening<Result>(next: Listener | undefined, body: () => Result): Result {
  const before = listener
  listener = next
  try {
    return body()
  } finally {
    listener = before
  }
}
