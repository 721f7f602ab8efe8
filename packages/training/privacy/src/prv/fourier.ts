/**
 * Fourier transforms of real sequences with power-of-two length, in bit-reversed order for convolution.
 *
 * A transform leaves its values in the order in which halving leaves them (bits of the index reversed); as they are only
 * multiplied with each other and transformed back, nothing is ever sorted. In that order the factor of a block of values
 * is a function of the block's place alone, whatever the length: one table serves all of them. Two sums of halves are done
 * in one go (radix 4).
 *
 * A sequence of n real values travels as n / 2 complex ones: even places are real parts, odd ones imaginary.
 */

/** Complex numbers, real and imaginary parts apart. */
export interface ComplexArray {
  readonly re: Float64Array
  readonly im: Float64Array
}

export function complexArray(length: number): ComplexArray {
  return { re: new Float64Array(length), im: new Float64Array(length) }
}

/** exp(-πi · r(b)), where r(b) reads the bits of b behind the point, the lowest first: 0, 1/2, 1/4, 3/4, 1/8 ... */
let factors: ComplexArray = { re: Float64Array.of(1), im: Float64Array.of(0) }

function factorsUpTo(length: number): ComplexArray {
  const known = factors.re.length
  if (known >= length) return factors
  const { re, im } = complexArray(length)
  re.set(factors.re)
  im.set(factors.im)
  for (let half = known; half < length; half *= 2) {
    for (let index = 0; index < half; index += 1) {
      const angle = -Math.PI * (reversedFraction(index, half) + 0.5 / half)
      re[half + index] = Math.cos(angle)
      im[half + index] = Math.sin(angle)
    }
  }
  factors = { re, im }
  return factors
}

/** The bits of an index below `length`, reversed behind the point. */
function reversedFraction(index: number, length: number): number {
  let fraction = 0
  for (let bit = 1, worth = 0.5; bit < length; bit *= 2, worth /= 2) {
    if ((index & bit) !== 0) fraction += worth
  }
  return fraction
}

/** In place, from natural to bit-reversed order; unscaled. */
export function transform({ re, im }: ComplexArray): void {
  const length = re.length
  const table = factorsUpTo(length)
  let half = length / 2
  for (let blocks = 1; half >= 2; blocks *= 4, half /= 4) {
    const quarter = half / 2
    for (let block = 0; block < blocks; block += 1) {
      // The factor of the block itself, and that of the first of the two that it becomes; the second's is -i times it.
      const aRe = table.re[block]!
      const aIm = table.im[block]!
      const bRe = table.re[2 * block]!
      const bIm = table.im[2 * block]!
      const start = block * 2 * half
      for (let at0 = start; at0 < start + quarter; at0 += 1) {
        const at1 = at0 + quarter
        const at2 = at0 + half
        const at3 = at2 + quarter
        const x2Re = re[at2]! * aRe - im[at2]! * aIm
        const x2Im = re[at2]! * aIm + im[at2]! * aRe
        const x3Re = re[at3]! * aRe - im[at3]! * aIm
        const x3Im = re[at3]! * aIm + im[at3]! * aRe
        const s0Re = re[at0]! + x2Re
        const s0Im = im[at0]! + x2Im
        const d0Re = re[at0]! - x2Re
        const d0Im = im[at0]! - x2Im
        const s1Re = re[at1]! + x3Re
        const s1Im = im[at1]! + x3Im
        const d1Re = re[at1]! - x3Re
        const d1Im = im[at1]! - x3Im
        const y1Re = s1Re * bRe - s1Im * bIm
        const y1Im = s1Re * bIm + s1Im * bRe
        // Times -i.
        const y3Re = d1Re * bIm + d1Im * bRe
        const y3Im = d1Im * bIm - d1Re * bRe
        re[at0] = s0Re + y1Re
        im[at0] = s0Im + y1Im
        re[at1] = s0Re - y1Re
        im[at1] = s0Im - y1Im
        re[at2] = d0Re + y3Re
        im[at2] = d0Im + y3Im
        re[at3] = d0Re - y3Re
        im[at3] = d0Im - y3Im
      }
    }
  }
  if (half === 1) {
    for (let block = 0; block < length / 2; block += 1) {
      const xRe = re[2 * block + 1]! * table.re[block]! - im[2 * block + 1]! * table.im[block]!
      const xIm = re[2 * block + 1]! * table.im[block]! + im[2 * block + 1]! * table.re[block]!
      re[2 * block + 1] = re[2 * block]! - xRe
      im[2 * block + 1] = im[2 * block]! - xIm
      re[2 * block]! += xRe
      im[2 * block]! += xIm
    }
  }
}

/** In place, from bit-reversed to natural order; scaled by `length`. */
export function transformBack({ re, im }: ComplexArray): void {
  const length = re.length
  const table = factorsUpTo(length)
  let half = 1
  if (Math.log2(length) % 2 === 1) {
    for (let block = 0; block < length / 2; block += 1) {
      const dRe = re[2 * block]! - re[2 * block + 1]!
      const dIm = im[2 * block]! - im[2 * block + 1]!
      re[2 * block]! += re[2 * block + 1]!
      im[2 * block]! += im[2 * block + 1]!
      re[2 * block + 1] = dRe * table.re[block]! + dIm * table.im[block]!
      im[2 * block + 1] = dIm * table.re[block]! - dRe * table.im[block]!
    }
    half = 2
  }
  for (let quarter = half; quarter < length; quarter *= 4) {
    half = quarter * 2
    for (let block = 0; block < length / (2 * half); block += 1) {
      const aRe = table.re[block]!
      const aIm = table.im[block]!
      const bRe = table.re[2 * block]!
      const bIm = table.im[2 * block]!
      const start = block * 2 * half
      for (let at0 = start; at0 < start + quarter; at0 += 1) {
        const at1 = at0 + quarter
        const at2 = at0 + half
        const at3 = at2 + quarter
        const s0Re = re[at0]! + re[at1]!
        const s0Im = im[at0]! + im[at1]!
        const e1Re = re[at0]! - re[at1]!
        const e1Im = im[at0]! - im[at1]!
        const s2Re = re[at2]! + re[at3]!
        const s2Im = im[at2]! + im[at3]!
        const e3Re = re[at2]! - re[at3]!
        const e3Im = im[at2]! - im[at3]!
        // Times the conjugates of b and of -ib.
        const d1Re = e1Re * bRe + e1Im * bIm
        const d1Im = e1Im * bRe - e1Re * bIm
        const d3Re = e3Re * bIm - e3Im * bRe
        const d3Im = e3Im * bIm + e3Re * bRe
        const x2Re = s0Re - s2Re
        const x2Im = s0Im - s2Im
        const x3Re = d1Re - d3Re
        const x3Im = d1Im - d3Im
        re[at0] = s0Re + s2Re
        im[at0] = s0Im + s2Im
        re[at1] = d1Re + d3Re
        im[at1] = d1Im + d3Im
        re[at2] = x2Re * aRe + x2Im * aIm
        im[at2] = x2Im * aRe - x2Re * aIm
        re[at3] = x3Re * aRe + x3Im * aIm
        im[at3] = x3Im * aRe - x3Re * aIm
      }
    }
  }
}

/**
 * Converts the transform of a packed real sequence to that sequence's spectrum: index b holds the frequency whose bits are those of
 * b reversed. The two real values, at frequencies 0 and n / 2, share index 0.
 */
export function unpackSpectrum(packed: ComplexArray): void {
  const { re, im } = packed
  const zero = re[0]!
  re[0] = zero + im[0]!
  im[0] = zero - im[0]!
  eachPair(packed.re.length, (here, there, factorRe, factorIm) => {
    const evenRe = (re[here]! + re[there]!) / 2
    const evenIm = (im[here]! - im[there]!) / 2
    const oddRe = (im[here]! + im[there]!) / 2
    const oddIm = (re[there]! - re[here]!) / 2
    const turnedRe = oddRe * factorRe - oddIm * factorIm
    const turnedIm = oddRe * factorIm + oddIm * factorRe
    re[there] = evenRe - turnedRe
    im[there] = turnedIm - evenIm
    re[here] = evenRe + turnedRe
    im[here] = evenIm + turnedIm
  })
}

/** The inverse of `unpackSpectrum`. */
export function packSpectrum(spectrum: ComplexArray): void {
  const { re, im } = spectrum
  const zero = re[0]!
  re[0] = (zero + im[0]!) / 2
  im[0] = (zero - im[0]!) / 2
  eachPair(spectrum.re.length, (here, there, factorRe, factorIm) => {
    const evenRe = (re[here]! + re[there]!) / 2
    const evenIm = (im[here]! - im[there]!) / 2
    const turnedRe = (re[here]! - re[there]!) / 2
    const turnedIm = (im[here]! + im[there]!) / 2
    const oddRe = turnedRe * factorRe + turnedIm * factorIm
    const oddIm = turnedIm * factorRe - turnedRe * factorIm
    re[there] = evenRe + oddIm
    im[there] = oddRe - evenIm
    re[here] = evenRe - oddIm
    im[here] = evenIm + oddRe
  })
}

/** Places of frequencies k and length - k, which lie mirrored among those with the same highest bit, and exp(-πi k / length). */
function eachPair(
  length: number,
  visit: (here: number, there: number, factorRe: number, factorIm: number) => void,
): void {
  const table = factorsUpTo(length)
  for (let first = 1; first < length; first *= 2) {
    for (let here = first, there = 2 * first - 1; here <= there; here += 1, there -= 1) {
      visit(here, there, table.re[here]!, table.im[here]!)
    }
  }
}
