/** Exact confidence intervals of binomial proportions. */

/**
 * Confidence bounds of the probability behind `successes` of `trials`, each wrong with probability `risk` at most. Clopper &
 * Pearson, "The Use of Confidence or Fiducial Limits Illustrated in the Case of the Binomial" (1934).
 *
 * @param successes from 0 to trials
 * @param trials from 1 on
 */
export function clopperPearson(
  successes: number,
  trials: number,
  risk: number,
): { low: number; high: number } {
  return {
    low: successes === 0 ? 0 : halve((p) => atLeast(successes, trials, p) < risk),
    high: successes === trials ? 1 : halve((p) => 1 - atLeast(successes + 1, trials, p) > risk),
  }
}

/** The share up to which something holds, from 0 to 1. */
function halve(holds: (p: number) => boolean): number {
  let [low, high] = [0, 1]
  for (let half = 0; half < 60; half += 1) {
    const middle = (low + high) / 2
    if (holds(middle)) low = middle
    else high = middle
  }
  return low
}

/** Probability of `least` successes or more: the regularised incomplete beta function of p at (least, trials - least + 1). */
function atLeast(least: number, trials: number, p: number): number {
  const a = least
  const b = trials - least + 1
  const front = Math.exp(logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(p) + b * Math.log1p(-p))
  // The fraction converges quickly on one side of the mean, and the function mirrors.
  return p < (a + 1) / (a + b + 2)
    ? (front * continuedFraction(a, b, p)) / a
    : 1 - (front * continuedFraction(b, a, 1 - p)) / b
}

/** Lentz's evaluation of the fraction of the incomplete beta function (DLMF 8.17.22). */
function continuedFraction(a: number, b: number, x: number): number {
  const tiny = 1e-300
  const kept = (value: number): number => (Math.abs(value) < tiny ? tiny : value)
  let c = 1
  let d = 1 / kept(1 - ((a + b) * x) / (a + 1))
  let fraction = d
  for (let m = 1; m < 100_000; m += 1) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m))
    d = 1 / kept(1 + even * d)
    c = kept(1 + even / c)
    fraction *= d * c
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1))
    d = 1 / kept(1 + odd * d)
    c = kept(1 + odd / c)
    fraction *= d * c
    if (Math.abs(d * c - 1) < 1e-14) break
  }
  return fraction
}

/** ln Gamma(x) for x >= 1, by Stirling's series from 10 on (DLMF 5.11.1). */
function logGamma(x: number): number {
  let shift = 0
  for (; x < 10; x += 1) shift += Math.log(x)
  const square = x * x
  const series =
    (1 / 12 - (1 / 360 - (1 / 1260 - (1 / 1680 - 1 / (1188 * square)) / square) / square) / square) / x
  return (x - 0.5) * Math.log(x) - x + 0.5 * Math.log(2 * Math.PI) + series - shift
}
