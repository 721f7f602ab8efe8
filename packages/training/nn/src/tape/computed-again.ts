/** Whether a pass is at a place where it was before, so that what counts passes counts it once. */

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
