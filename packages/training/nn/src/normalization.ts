/**
 * Layer, group and batch norms with mean and bias; only batch norms mix samples. Weights start uninitialised: `initializeLayers` or
 * a checkpoint fills them.
 *
 * Shapes: b batch, c channels, h height, w width.
 */

import { type DType, type Tensor, torch } from '@hadal/tensor'
import { Module } from './module.ts'
import { buffer, parameter } from './parameter.ts'
import { isListenedTo, notify } from './per-sample/layer-use.ts'

/**
 * (x - mean) / sqrt(variance + eps) · weight + bias over the last dimension (Ba et al. 2016, arXiv:1607.06450).
 *
 * @example
 * ```ts
 * import { LayerNorm } from '@hadal/nn'
 * import { torch } from '@hadal/tensor'
 *
 * const norm = new LayerNorm(16, 1e-5, 'float32')
 * norm.forward(torch.randn([2, 5, 16])).shape // → [ 2, 5, 16 ]
 * ```
 */
export class LayerNorm extends Module {
  readonly weight: Tensor
  readonly bias: Tensor | undefined
  readonly eps: number

  constructor(width: number, eps: number, dtype: DType, bias = true) {
    super()
    this.weight = parameter([width], dtype)
    this.bias = bias ? parameter([width], dtype) : undefined
    this.eps = eps
  }

  override get tellsOfParameters(): boolean {
    return true
  }

  /** [..., width] to the same; mean and variance are taken in fp32 whatever the dtype. */
  forward(x: Tensor): Tensor {
    const { weight, bias = null, eps } = this
    const output = torch.layerNorm(x, weight.shape, { weight, bias, eps })
    if (!isListenedTo()) return output
    const normalize = (input: Tensor): Tensor => torch.layerNorm(input, weight.shape, { eps })
    return notify(output, { layer: 'norm', input: x, weight, bias: this.bias, along: -1, normalize })
  }
}

/**
 * Normalises each sample over groups of adjacent channels and all positions (Wu and He 2018, arXiv:1803.08494).
 *
 * @example
 * ```ts
 * import { GroupNorm } from '@hadal/nn'
 * import { torch } from '@hadal/tensor'
 *
 * const norm = new GroupNorm(4, 16, 1e-5, 'float32') // groups, channels
 * norm.forward(torch.randn([2, 16, 8, 8])).shape // → [ 2, 16, 8, 8 ]
 * ```
 */
export class GroupNorm extends Module {
  readonly weight: Tensor
  readonly bias: Tensor
  readonly groups: number
  readonly eps: number

  /** `channels` divide by `groups`. */
  constructor(groups: number, channels: number, eps: number, dtype: DType) {
    super()
    this.weight = parameter([channels], dtype)
    this.bias = parameter([channels], dtype)
    this.groups = groups
    this.eps = eps
  }

  override get tellsOfParameters(): boolean {
    return true
  }

  /** [b, c, ...] to the same. */
  forward(x: Tensor): Tensor {
    const { weight, bias, eps, groups } = this
    const output = torch.groupNorm(x, groups, { weight, bias, eps })
    if (!isListenedTo()) return output
    const normalize = (input: Tensor): Tensor => torch.groupNorm(input, groups, { eps })
    return notify(output, { layer: 'norm', input: x, weight, bias, along: 1, normalize })
  }
}

export interface BatchNormOptions {
  /** Default 1e-5. */
  readonly eps?: number
  /** Weight of a batch in the running statistics. Default 0.1. */
  readonly momentum?: number
}

/**
 * Each channel over all samples and places of a batch (Ioffe and Szegedy 2015, arXiv:1502.03167).
 *
 * @example
 * ```ts
 * import { BatchNorm2d, setTraining } from '@hadal/nn'
 * import { torch } from '@hadal/tensor'
 *
 * const norm = new BatchNorm2d(16, 'float32')
 * setTraining(norm, true) // statistics of the batch, and their moving averages
 * norm.forward(torch.randn([4, 16, 8, 8])).shape // → [ 4, 16, 8, 8 ]
 * ```
 */
export class BatchNorm2d extends Module {
  readonly weight: Tensor
  readonly bias: Tensor
  /** float32, or float64 where the weights are, as the next; buffers: see `Module.buffers`. */
  readonly runningMean: Tensor
  readonly runningVar: Tensor
  readonly eps: number
  readonly momentum: number
  /** Normalises by batch statistics and updates the running ones; otherwise uses the running ones. See `setTraining`. */
  training = false
  /** Uses running statistics in training too, without updating them; weight and bias are still trained. */
  frozen = false

  constructor(channels: number, dtype: DType, { eps = 1e-5, momentum = 0.1 }: BatchNormOptions = {}) {
    super()
    this.weight = parameter([channels], dtype)
    this.bias = parameter([channels], dtype)
    const wide = dtype === 'float64' ? dtype : 'float32'
    this.runningMean = buffer([channels], wide)
    this.runningVar = buffer([channels], wide)
    this.eps = eps
    this.momentum = momentum
  }

  /** Whether it currently uses batch statistics. */
  get isByBatch(): boolean {
    return this.training && !this.frozen
  }

  /** [b, c, h, w] to the same. */
  forward(x_bchw: Tensor): Tensor {
    const { weight, bias, runningMean, runningVar, momentum, eps } = this
    // libtorch requires weights in the precision of the statistics.
    return torch.batchNorm(
      x_bchw,
      weight.to(runningMean.dtype),
      bias.to(runningMean.dtype),
      runningMean,
      runningVar,
      this.isByBatch,
      momentum,
      eps,
      true,
    )
  }
}
