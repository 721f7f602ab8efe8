/** Task and result of an attempt in a separate process, as JSON. */

export type AttemptJob =
  /** Training steps whose activations take several times the limit: in a custom loop or in Hadal's trainer. */
  | {
      readonly kind: 'train'
      readonly by: 'plain loop' | 'trainer'
      /** How far the process may grow once libtorch is loaded; null for as far as the machine has. */
      readonly limitMiB: number | null
      readonly seed: number
      readonly steps: number
      readonly folder: string
    }
  /** Small tensors, of which one lives on: what stays with the process, and what `emptyCache` gives back. */
  | { readonly kind: 'held-free'; readonly tensors: number }
  /** On a GPU: large blocks, then small pieces of which some live on, then one block larger than any before. */
  | { readonly kind: 'gpu'; readonly maintenance: boolean }

export interface AttemptResult {
  /** null: it went through. Otherwise the code of the error that ended it. */
  readonly failure: string | null
  readonly message: string
  /** Loss of each training step. */
  readonly losses: readonly number[]
  /** Into how many parts the trainer cut its passes. */
  readonly parts: number
  /** The most that the process had in memory. */
  readonly peakResidentMiB: number
  /** Resident before and after the allocator was emptied. */
  readonly residentMiB: readonly number[]
  /** MiB of GPU memory in use and held free when the large block was requested. */
  readonly inUseMiB: number
  readonly heldFreeMiB: number
}

export const noResult: AttemptResult = {
  ...{ failure: null, message: '', losses: [], parts: 1, peakResidentMiB: 0, residentMiB: [] },
  ...{ inUseMiB: 0, heldFreeMiB: 0 },
}
