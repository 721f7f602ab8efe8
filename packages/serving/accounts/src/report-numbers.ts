/**
 * Numbers the lease reports of a process, in one sequence for all keys: the database ignores a report whose number is not above
 * the last one it applied, so the numbers of a key must go on after its `KeyShare` was dropped.
 */
export class ReportNumbers {
  #last = 0

  next(): number {
    this.#last += 1
    return this.#last
  }

  /** The database has applied this number, possibly from an earlier process of this gateway. */
  skipTo(applied: number): void {
    this.#last = Math.max(this.#last, applied)
  }
}
