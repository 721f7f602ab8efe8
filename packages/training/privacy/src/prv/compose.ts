/** The distribution of the privacy loss of all steps together: discrete losses, transformed, multiplied, transformed back. */

import type { Ledger, LedgerEntry } from '../ledger.ts'
import {
  type ComplexArray,
  complexArray,
  packSpectrum,
  transform,
  transformBack,
  unpackSpectrum,
} from './fourier.ts'
import type { Grid } from './grid.ts'
import { lossRange, meanWithin, survival } from './loss-variable.ts'

export interface ComposedLoss {
  /** Probability of the loss k · width + shift; negative k stand at the end, counted from there. */
  readonly probability: (k: number) => number
  readonly shift: number
}

/** Composes the steps of a ledger on a grid. */
export function composeLosses(kinds: Ledger, grid: Grid): ComposedLoss {
  const product = complexArray(grid.cells / 2)
  const other = kinds.length > 1 ? complexArray(grid.cells / 2) : product
  let shift = 0
  kinds.forEach((kind, index) => {
    const spectrum = index === 0 ? product : other
    shift += kind.steps * fillWithLosses(spectrum, kind, grid)
    transform(spectrum)
    unpackSpectrum(spectrum)
    raise(spectrum, kind.steps)
    if (index > 0) multiply(product, spectrum)
  })
  packSpectrum(product)
  transformBack(product)
  const { re, im } = product
  const scale = 2 / grid.cells
  return {
    probability: (k) => {
      const cell = k < 0 ? k + grid.cells : k
      return ((cell & 1) === 0 ? re[cell >> 1]! : im[cell >> 1]!) * scale
    },
    shift,
  }
}

/**
 * Rounds the losses of one step to the grid, packed for the transform.
 *
 * @returns by how much all of them have to be moved for their mean to be right
 */
function fillWithLosses({ re, im }: ComplexArray, kind: LedgerEntry, grid: Grid): number {
  const { width, half, cells } = grid
  re.fill(0)
  im.fill(0)
  const ends = { least: -half * width, most: (half + 1) * width }
  const within = lossRange(kind, ends.least, ends.most)
  const mass = survival(kind, ends.least) - survival(kind, ends.most)
  const first = Math.max(-half, Math.floor(within.least / width))
  const last = Math.min(half + 1, Math.ceil(within.most / width))
  let mean = 0
  let above = survival(kind, Math.max((first - 0.5) * width, ends.least))
  for (let k = first; k <= last; k += 1) {
    const next = survival(kind, Math.min((k + 0.5) * width, ends.most))
    const probability = (above - next) / mass
    above = next
    mean += probability * k * width
    const cell = k < 0 ? k + cells : k
    if ((cell & 1) === 0) re[cell >> 1] = probability
    else im[cell >> 1] = probability
  }
  return meanWithin(kind, ends) - mean
}

/** Every number of a spectrum to a power, by squaring; place 0 holds two real ones. */
function raise({ re, im }: ComplexArray, power: number): void {
  re[0] = re[0]! ** power
  im[0] = im[0]! ** power
  // What would be below 1e-30 afterwards; most of a spectrum is.
  const least = Math.exp((-60 * Math.LN10) / power)
  for (let index = 1; index < re.length; index += 1) {
    let baseRe = re[index]!
    let baseIm = im[index]!
    let productRe = 0
    let productIm = 0
    if (baseRe * baseRe + baseIm * baseIm > least) {
      productRe = 1
      for (let left = power; ; ) {
        if (left % 2 === 1) {
          const previous = productRe
          productRe = previous * baseRe - productIm * baseIm
          productIm = previous * baseIm + productIm * baseRe
        }
        left = Math.floor(left / 2)
        if (left === 0) break
        const previous = baseRe
        baseRe = previous * previous - baseIm * baseIm
        baseIm = 2 * previous * baseIm
      }
    }
    re[index] = productRe
    im[index] = productIm
  }
}

/** The product of two spectra, in the place of the first. */
function multiply({ re, im }: ComplexArray, other: ComplexArray): void {
  re[0]! *= other.re[0]!
  im[0]! *= other.im[0]!
  for (let index = 1; index < re.length; index += 1) {
    const previous = re[index]!
    re[index] = previous * other.re[index]! - im[index]! * other.im[index]!
    im[index] = previous * other.im[index]! + im[index]! * other.re[index]!
  }
}
