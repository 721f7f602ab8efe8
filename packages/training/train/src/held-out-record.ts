/** History of held-out loss and early stopping. Decisions only. */

export interface HeldOutRecord {
  /** Lowest so far; null before the first evaluation. */
  readonly best: number | null
  /** Evaluations in a row since then without one lower by enough. */
  readonly sinceBest: number
}

export const noHeldOutYet: HeldOutRecord = { best: null, sinceBest: 0 }

/** With one more evaluation; a loss that is no number is no improvement. */
export function withHeldOut(record: HeldOutRecord, loss: number, minImprovement = 0): HeldOutRecord {
  const improved = Number.isFinite(loss) && (record.best === null || loss < record.best - minImprovement)
  return improved ? { best: loss, sinceBest: 0 } : { ...record, sinceBest: record.sinceBest + 1 }
}
