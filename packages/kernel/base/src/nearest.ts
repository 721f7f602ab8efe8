/** Suggestions for mistyped names. */

/**
 * Edit distance: insertions, deletions, replacements and swaps of neighbours.
 *
 * @internal
 */
export function editDistance(a: string, b: string): number {
  let beforeLast: number[] = []
  let last = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let row = 1; row <= a.length; row += 1) {
    const current = [row]
    for (let column = 1; column <= b.length; column += 1) {
      const same = a[row - 1] === b[column - 1]
      let best = Math.min(last[column]! + 1, current[column - 1]! + 1, last[column - 1]! + (same ? 0 : 1))
      const swapped = row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1]
      if (swapped) best = Math.min(best, beforeLast[column - 2]! + 1)
      current.push(best)
    }
    beforeLast = last
    last = current
  }
  return last[b.length]!
}

const letters = (name: string): string => name.toLowerCase().replace(/[-_]/g, '')

/**
 * The candidate closest to `name`, if it is close enough. Ignores case, `-` and `_`.
 *
 * @example
 * ```ts
 * import { nearest } from '@hadal/base'
 *
 * nearest('max-batch-sise', ['max-batch-size', 'max-queue']) // → 'max-batch-size'
 * nearest('colour', ['max-batch-size']) // → undefined
 * ```
 */
export function nearest(name: string, candidates: Iterable<string>): string | undefined {
  let best: string | undefined
  let bestDistance = Math.floor(letters(name).length / 3) + 1
  for (const candidate of candidates) {
    const distance = editDistance(letters(name), letters(candidate))
    if (distance < bestDistance) [best, bestDistance] = [candidate, distance]
  }
  return best
}
