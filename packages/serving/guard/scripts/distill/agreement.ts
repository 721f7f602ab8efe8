/** Agreement between two encoders' similarities. Pure. */

/** Spearman's rank correlation (1904) of two lists of equal length; ties share their rank. */
export function spearman(a: readonly number[], b: readonly number[]): number {
  return pearson(ranksOf(a), ranksOf(b))
}

function ranksOf(values: readonly number[]): number[] {
  const order = values.map((_, at) => at).sort((x, y) => values[x]! - values[y]!)
  const ranks = new Array<number>(values.length)
  for (let from = 0; from < order.length; ) {
    let to = from
    while (to < order.length && values[order[to]!] === values[order[from]!]) to += 1
    for (let at = from; at < to; at += 1) ranks[order[at]!] = (from + to - 1) / 2
    from = to
  }
  return ranks
}

function pearson(a: readonly number[], b: readonly number[]): number {
  const mean = (values: readonly number[]): number =>
    values.reduce((sum, value) => sum + value, 0) / values.length
  const [meanA, meanB] = [mean(a), mean(b)]
  let [both, squareA, squareB] = [0, 0, 0]
  a.forEach((value, at) => {
    both += (value - meanA) * (b[at]! - meanB)
    squareA += (value - meanA) ** 2
    squareB += (b[at]! - meanB) ** 2
  })
  return both / Math.sqrt(squareA * squareB)
}

/** Deterministic pairs of distinct numbers below `count`. */
export function pairsOf(count: number, pairs: number): (readonly [number, number])[] {
  return Array.from({ length: pairs }, (_, at) => {
    const a = (at * 7919) % count
    return [a, (a + 1 + ((at * 104_729) % (count - 1))) % count] as const
  })
}
