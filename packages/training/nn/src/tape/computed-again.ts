/** Whether the current pass is a recomputation, so that counters of passes count it only once. */

let again = false

export const isComputedAgain = (): boolean => again

/** `body` is synchronous. */
export function computingAgain<Result>(body: () => Result): Result {
  const before = again
  again = true
  try {
    return body()
  } finally {
    again = before
  }
}
