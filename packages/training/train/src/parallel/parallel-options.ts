/** How the ranks of a run divide it, as a recipe says it. Knows nothing of processes. */

export interface ParallelOptions {
  /** Parts that each batch is divided into; all ranks divided by `tensor` where it is left out. */
  readonly data: number
  /** Parts that each layer is divided into. */
  readonly tensor: number
  /** Parts that the experts of a mixture are divided into, among the ranks that divide the batch. */
  readonly expert: number
  /** With `tensor`: divides what lies between the divided layers, too, along the sequence. */
  readonly sequence: boolean
  /** What the ranks that divide the batch keep a part of: 1 optimizer state, 2 gradients, too, 3 weights, too. */
  readonly zero: 0 | 1 | 2 | 3
  /** Gradients are summed over the ranks in parts of so many bytes. */
  readonly bucketBytes: number
  /** How long a rank is waited for before it is taken to hang. */
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
