/** Optional metadata of a run or server for its trace. */

export interface Facts {
  /** `pretrain-nano, steps 4 to 6`. */
  readonly title?: string
  /** Precision, threads, processor, versions: for people, in this order. */
  readonly about?: Readonly<Record<string, string>>
  /** What one step reads, and of what: tokens, images. */
  readonly perStep?: { readonly count: number; readonly unit: string }
  /** Share of the best matrix product measured here, 0 to 1 (model FLOPs utilization, arXiv:2204.02311). */
  readonly utilization?: number
  /** Operations a second of that product. */
  readonly peakFlops?: number
  readonly memory?: OwnedMemory
}

/** Memory by owner at the peak, in bytes. */
export interface OwnedMemory {
  readonly peakBytes: number
  readonly weights: number
  readonly gradients: number
  readonly optimizer: number
  readonly average: number
  /** The rest: activations, and temporary memory of running operators. */
  readonly activations: number
}
