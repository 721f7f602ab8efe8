import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { complexArray, packSpectrum, transform, transformBack, unpackSpectrum } from './fourier.ts'

const numbers = (length: number) =>
  fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: length, maxLength: length })
const anyLength = fc.integer({ min: 0, max: 5 }).map((power) => 2 ** power)

/** The frequency at a place: its bits reversed. */
const frequencyAt = (place: number, length: number): number => {
  let frequency = 0
  for (let bit = 1, mirrored = length / 2; bit < length; bit *= 2, mirrored /= 2) {
    if ((place & bit) !== 0) frequency += mirrored
  }
  return frequency
}

describe('the transform', () => {
  it('is the sum that defines it, in reversed order', () => {
    const lengths = anyLength.chain((length) => fc.tuple(numbers(length), numbers(length)))
    fc.assert(
      fc.property(lengths, ([re, im]) => {
        const length = re.length
        const x = { re: Float64Array.from(re), im: Float64Array.from(im) }
        transform(x)
        for (let place = 0; place < length; place += 1) {
          let sumRe = 0
          let sumIm = 0
          re.forEach((_, n) => {
            const angle = (-2 * Math.PI * frequencyAt(place, length) * n) / length
            sumRe += re[n]! * Math.cos(angle) - im[n]! * Math.sin(angle)
            sumIm += re[n]! * Math.sin(angle) + im[n]! * Math.cos(angle)
          })
          expect(Math.hypot(x.re[place]! - sumRe, x.im[place]! - sumIm)).toBeLessThan(1e-12)
        }
        transformBack(x)
        for (let n = 0; n < length; n += 1) {
          expect(Math.hypot(x.re[n]! / length - re[n]!, x.im[n]! / length - im[n]!)).toBeLessThan(1e-14)
        }
      }),
      { numRuns: 50 },
    )
  })
})

describe('a spectrum of real numbers', () => {
  it('multiplies as their sequences convolve in a circle', () => {
    const lengths = fc.integer({ min: 1, max: 6 }).map((power) => 2 ** power)
    const pairs = lengths.chain((length) => fc.tuple(numbers(length), numbers(length)))
    fc.assert(
      fc.property(pairs, ([one, other]) => {
        const length = one.length
        const [x, y] = [one, other].map((sequence) => {
          const packed = complexArray(length / 2)
          for (let n = 0; n < length; n += 1) (n % 2 === 0 ? packed.re : packed.im)[n >> 1] = sequence[n]!
          transform(packed)
          unpackSpectrum(packed)
          return packed
        })
        x!.re[0]! *= y!.re[0]!
        x!.im[0]! *= y!.im[0]!
        for (let place = 1; place < length / 2; place += 1) {
          const re = x!.re[place]! * y!.re[place]! - x!.im[place]! * y!.im[place]!
          x!.im[place] = x!.re[place]! * y!.im[place]! + x!.im[place]! * y!.re[place]!
          x!.re[place] = re
        }
        packSpectrum(x!)
        transformBack(x!)
        for (let n = 0; n < length; n += 1) {
          const convolved = one.reduce((sum, value, k) => sum + value * other[(n - k + length) % length]!, 0)
          expect(((n % 2 === 0 ? x!.re : x!.im)[n >> 1]! * 2) / length).toBeCloseTo(convolved, 11)
        }
      }),
    )
  })
})
