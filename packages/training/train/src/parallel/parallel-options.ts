/** A run's parallel options. */

export interface ParallelOptions {
  /** Number of parts of each batch; default: all ranks divided by `tensor`. */
  readonly data: number
  /** Tensor-parallel degree. */
  readonly tensor: number
  /** Expert-parallel degree, within the data-parallel ranks. */
  readonly expert: number
  /** Sequence parallelism: with `tensor`, also divides the activations between divided layers along the sequence. */
  readonly sequence: boolean
  /** ZeRO stage: shards 1 optimizer state, 2 also gradients, 3 also weights. */
  readonly zero: 0 | 1 | 2 | 3
  /** Gradients are reduced in buckets of this many bytes. */
  readonly bucketBytes: number
  /** How long to wait for a rank before it counts as hung. */
  readonly timeoutSeconds: number
}

/**
 * All but `data`, which follows from the number of ranks.
 *
 * @internal
 */
export const parallelDefaults: Omit<ParallelOptions, 'data'> = {
  tensor: 1,
  expert: 1,
  sequence: false,
  zero: 0,
  bucketBytes: 25 * 2 ** 20,
  timeoutSeconds: 600,
}
