/**
 * Tails of the normal distribution, in logarithms where they would vanish.
 *
 * `erfc(x) = exp(-x²) · erfcx(x)`, and `(1 + 2x) · erfcx(x)` is nearly constant over all x >= 0: a Chebyshev series in (x - 3.75) /
 * (x + 3.75) gives it to double precision (Shepherd & Laframboise 1981; the coefficients were recomputed with 40 digits).
 */

const chebyshev: readonly number[] = [
  1.1775789345674017, -0.004590054580646478, -0.08424913336651792, 0.05920993999819189, -0.026658668435305753,
  0.009074997670705265, -0.002413163540417608, 0.0004907758365258086, -6.916973302501207e-5,
  4.13902798607301e-6, 7.74038306619849e-7, -2.1886401049234397e-7, 1.076499946567091e-8,
  4.521959811218287e-9, -7.754400208831351e-10, -6.318088340886684e-11, 2.86879501093067e-11,
  1.9455868545777347e-13, -9.65469674843344e-13, 3.25254814814874e-14, 3.3478119482868056e-14,
  -1.864562880419313e-15, -1.2507950530688648e-15, 7.418235256624044e-17, 5.068148904796111e-17,
]

/** exp(x²) · erfc(x) for x >= 0. */
function scaledErfc(x: number): number {
  const twice = (2 * (x - 3.75)) / (x + 3.75)
  let next = 0
  let afterNext = 0
  for (let index = chebyshev.length - 1; index > 0; index -= 1) {
    const here = twice * next - afterNext + (chebyshev[index] as number)
    afterNext = next
    next = here
  }
  return ((twice / 2) * next - afterNext + (chebyshev[0] as number)) / (1 + 2 * x)
}

/** Complementary error function, 1 - erf(x); relative error about 1e-15 unless the result is below 1e-300. */
export function erfc(x: number): number {
  if (x < 0) return 2 - erfc(-x)
  return x > 27 ? 0 : Math.exp(-x * x) * scaledErfc(x)
}

/** ln erfc(x), also where erfc(x) is too small for a double. */
export function logErfc(x: number): number {
  if (x === Number.POSITIVE_INFINITY) return Number.NEGATIVE_INFINITY
  return x < 0 ? Math.log(2 - erfc(-x)) : Math.log(scaledErfc(x)) - x * x
}

/** ln of the standard normal distribution function at x. */
export function logNormalCdf(x: number): number {
  return logErfc(-x * Math.SQRT1_2) - Math.LN2
}
