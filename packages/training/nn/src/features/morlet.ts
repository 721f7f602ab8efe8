/** The filters of a scattering transform, as plain numbers. */

/** A complex filter [2 radius + 1, 2 radius + 1], rows first, its centre in the middle. */
export interface ComplexFilter {
  readonly radius: number
  readonly real: Float64Array
  readonly imaginary: Float64Array
}

/** Width of the Gaussian of scale 0 in pixels, and where its wave oscillates: as in Kymatio (arXiv:1812.11214). */
const width = 0.8
const frequency = (3 / 4) * Math.PI
/** At this many of its longest widths a wavelet is below 0.4 % of its height, a low pass below 0.04 %. */
const waveletReach = 3.125
const lowPassReach = 4

/**
 * The Morlet wavelet of scale `j` (it is 2^j times as wide) that oscillates along `turn · π / angles` from the rows: a plane wave
 * under a Gaussian 4 / angles times as wide across the wave's crests as along them, less as much of that Gaussian as makes its sum zero.
 */
export function morletWavelet(j: number, turn: number, angles: number): ComplexFilter {
  const sigma = width * 2 ** j
  const slant = 4 / angles
  const radius = Math.ceil((waveletReach * sigma) / Math.min(1, slant))
  const at = (xi: number): ComplexFilter => gabor(radius, sigma, (turn * Math.PI) / angles, xi, slant)
  const [wave, hill] = [at(frequency / 2 ** j), at(0)]
  const [waveReal, waveImaginary, hillSum] = [sum(wave.real), sum(wave.imaginary), sum(hill.real)]
  return {
    radius,
    real: wave.real.map((value, i) => value - (waveReal / hillSum) * hill.real[i]!),
    imaginary: wave.imaginary.map((value, i) => value - (waveImaginary / hillSum) * hill.real[i]!),
  }
}

/** The Gaussian as wide as wavelets of scale `j`; its sum is one. */
export function lowPass(j: number): ComplexFilter {
  const sigma = width * 2 ** j
  const hill = gabor(Math.ceil(lowPassReach * sigma), sigma, 0, 0, 1)
  const total = sum(hill.real)
  return { ...hill, real: hill.real.map((value) => value / total) }
}

function gabor(radius: number, sigma: number, angle: number, xi: number, slant: number): ComplexFilter {
  const side = 2 * radius + 1
  const real = new Float64Array(side * side)
  const imaginary = new Float64Array(side * side)
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)]
  const height = slant / (2 * Math.PI * sigma ** 2)
  for (let at = 0; at < real.length; at += 1) {
    const [y, x] = [Math.floor(at / side) - radius, (at % side) - radius]
    const [along, across] = [cos * x + sin * y, cos * y - sin * x]
    const envelope = height * Math.exp(-(along ** 2 + (slant * across) ** 2) / (2 * sigma ** 2))
    real[at] = envelope * Math.cos(xi * along)
    imaginary[at] = envelope * Math.sin(xi * along)
  }
  return { radius, real, imaginary }
}

const sum = (values: Float64Array): number => values.reduce((total, value) => total + value, 0)
