/** Noise alongside what it should be distributed as, and its keystream alongside others'. */

import { createCipheriv } from 'node:crypto'
import {
  addNormalNoise_,
  chaCha20,
  getRngState,
  manualSeed,
  type NoiseSource,
  noGrad,
  scope,
  setNumThreads,
  setRngState,
  type Tensor,
  torch,
} from '@hadal/tensor'
import { describe, expect, it } from 'vitest'

setNumThreads(1)

const sources: readonly NoiseSource[] = ['secure', 'seeded']

/** Noise of one tensor. */
function drawn(count: number, source: NoiseSource, std = 1): Float32Array {
  return scope(() => {
    const tensor = torch.zeros([count])
    addNormalNoise_([tensor], std, source)
    return tensor.toTypedArray() as Float32Array
  })
}

const mean = (numbers: Float32Array): number => numbers.reduce((sum, x) => sum + x, 0) / numbers.length

/** The standard normal distribution function at sorted numbers, by libtorch's erf. */
const expectedShares = (sorted: Float32Array): ArrayLike<number> =>
  scope(() =>
    torch.tensor(Array.from(sorted), { dtype: 'float64' }).div(Math.SQRT2).erf().add(1).div(2).toTypedArray(),
  ) as ArrayLike<number>

/** The Kolmogorov-Smirnov statistic times sqrt(count): above 1.95 once in a thousand. */
function kolmogorovSmirnov(numbers: Float32Array): number {
  const sorted = numbers.slice().sort()
  const shares = expectedShares(sorted)
  let largest = 0
  for (let index = 0; index < sorted.length; index += 1) {
    const share = shares[index]!
    largest = Math.max(largest, share - index / sorted.length, (index + 1) / sorted.length - share)
  }
  return largest * Math.sqrt(sorted.length)
}

describe.each(sources)('%s noise', (source) => {
  it('is normal', () => {
    // Secure noise cannot be seeded: bounds that chance breaks less than once in a billion runs.
    const count = 400_000
    if (source === 'seeded') manualSeed(7)
    const numbers = drawn(count, source)
    const sigmas = 6.5
    expect(Math.abs(mean(numbers))).toBeLessThan(sigmas / Math.sqrt(count))
    expect(Math.abs(mean(numbers.map((x) => x ** 2)) - 1)).toBeLessThan(sigmas * Math.sqrt(2 / count))
    expect(Math.abs(mean(numbers.map((x) => x ** 3)))).toBeLessThan(sigmas * Math.sqrt(15 / count))
    expect(Math.abs(mean(numbers.map((x) => x ** 4)) - 3)).toBeLessThan(sigmas * Math.sqrt(96 / count))
    expect(kolmogorovSmirnov(numbers)).toBeLessThan(3.4)
    const largest = numbers.reduce((most, x) => Math.max(most, Math.abs(x)), 0)
    expect(largest).toBeGreaterThan(4)
    expect(largest).toBeLessThan(8)
  })

  it('is independent from number to number, near and half a block away', () => {
    const count = 400_000
    if (source === 'seeded') manualSeed(11)
    const numbers = drawn(count, source)
    for (const distance of [1, 2, 16, 256, 512, 1024]) {
      const products = numbers.subarray(distance).map((x, index) => x * numbers[index]!)
      expect(Math.abs(mean(products)), `${distance} apart`).toBeLessThan(6.5 / Math.sqrt(products.length))
    }
  })

  it('adds to what is there, by its standard deviation', () => {
    scope(() => {
      const tensor = torch.full([100_000], 5)
      addNormalNoise_([tensor], 0.25, source)
      expect(Math.abs(Number(tensor.mean().item()) - 5)).toBeLessThan((6.5 * 0.25) / Math.sqrt(100_000))
      expect(tensor.std().item()).toBeCloseTo(0.25, 1)
    })
  })

  it('differs from call to call, and from tensor to tensor of one call', () => {
    scope(() => {
      const [a, b, c] = [torch.zeros([1000]), torch.zeros([1000]), torch.zeros([1000])] as const
      addNormalNoise_([a, b], 1, source)
      addNormalNoise_([c], 1, source)
      for (const [one, other] of [
        [a, b],
        [a, c],
        [b, c],
      ] as const) {
        expect(one.eq(other).sum().item()).toBeLessThan(10)
      }
    })
  })

  it.each([0, 1, 511, 512, 513, 5000])('reaches each of %i numbers', (count) => {
    const numbers = drawn(count, source)
    expect(numbers.length).toBe(count)
    // A number may be 0 by chance, once in millions.
    expect(numbers.filter((x) => x === 0).length).toBeLessThan(2)
  })

  it('reaches tensors of other dtypes, views of others, and those that require gradients', () => {
    scope(() => {
      const wide = torch.zeros([64, 64], { dtype: 'float64' })
      const brief = torch.zeros([64, 64], { dtype: 'bfloat16' })
      const turned = torch.zeros([64, 32]).transpose(0, 1)
      const leaf = noGrad(() => torch.zeros([64])).requiresGrad_()
      addNormalNoise_([wide, brief, turned, leaf], 1, source)
      for (const tensor of [wide, brief, turned, leaf]) {
        expect(tensor.ne(0).sum().item()).toBeGreaterThan(tensor.numel * 0.9)
      }
      expect(turned.double().std().item()).toBeCloseTo(1, 0)
    })
  })

  it('is none where its standard deviation is 0', () => {
    const before = getRngState()
    expect(drawn(100, source, 0)).toEqual(new Float32Array(100))
    expect(getRngState()).toEqual(before)
  })

  it('refuses a deviation that is none, and numbers that are whole', () => {
    scope(() => {
      const tensor = torch.zeros([3])
      for (const std of [-1, Number.NaN, Number.POSITIVE_INFINITY]) {
        expect(() => addNormalNoise_([tensor], std, source)).toThrow(
          'standard deviation must be a number from 0 on',
        )
      }
      expect(() => addNormalNoise_([torch.zeros([3], { dtype: 'int64' })], 1, source)).toThrow(
        'noise is added to floating-point tensors',
      )
    })
  })
})

describe('seeded noise', () => {
  it('is the same with equal seeds, and after the random state came back', () => {
    manualSeed(3)
    const state = getRngState()
    const first = drawn(1000, 'seeded')
    expect(getRngState()).not.toEqual(state)
    const second = drawn(1000, 'seeded')
    manualSeed(3)
    expect(drawn(1000, 'seeded')).toEqual(first)
    expect(drawn(1000, 'seeded')).toEqual(second)
    setRngState(state)
    expect(drawn(1000, 'seeded')).toEqual(first)
    expect(first).not.toEqual(second)
  })

  it('is the same on any number of threads', () => {
    const noise = [1, 2].map((threads) => {
      setNumThreads(threads)
      manualSeed(5)
      return drawn(100_000, 'seeded')
    })
    setNumThreads(1)
    expect(noise[0]).toEqual(noise[1])
  })
})

it('secure noise takes nothing from the generator, and no seed brings it back', () => {
  manualSeed(3)
  const state = getRngState()
  const first = drawn(1000, 'secure')
  expect(getRngState()).toEqual(state)
  manualSeed(3)
  expect(drawn(1000, 'secure')).not.toEqual(first)
})

describe('the keystream', () => {
  const words = (bytes: Uint8Array): Uint32Array => new Uint32Array(Uint8Array.from(bytes).buffer)
  const key = Uint8Array.from({ length: 32 }, (_, index) => index)

  it('is that of RFC 8439, section 2.3.2', () => {
    const nonce = Uint8Array.from([0, 0, 0, 9, 0, 0, 0, 0x4a, 0, 0, 0, 0])
    const block = chaCha20(words(key), 1, words(nonce)).subarray(0, 64)
    expect(Buffer.from(block).toString('hex')).toBe(
      '10f1e7e4d13b5915500fdd1fa32071c4c7d1f4c733c068030422aa9ac3d46c4e' +
        'd2826446079faa0914c2d705d98b02a2b5129cd1de164eb9cbd083e8a2503c4e',
    )
  })

  it('is that of OpenSSL in all of its blocks', () => {
    const nonce = Uint8Array.from({ length: 12 }, (_, index) => 17 * index + 3)
    const counter = 4_000_000_000
    const start = Buffer.alloc(16)
    start.writeUInt32LE(counter)
    start.set(nonce, 4)
    const theirs = createCipheriv('chacha20', key, start).update(Buffer.alloc(1024))
    expect(Buffer.from(chaCha20(words(key), counter, words(nonce)))).toEqual(theirs)
  })

  it('requires a key and a nonce of the right sizes', () => {
    expect(() => chaCha20(new Uint32Array(7), 0, new Uint32Array(3))).toThrow('expected a Uint32Array of 8')
    expect(() => chaCha20(new Uint32Array(8), 0, new Uint32Array(2))).toThrow('expected a Uint32Array of 3')
  })
})

it('noise is one tensor’s own: a tensor twice in a call gets it twice', () => {
  scope(() => {
    manualSeed(1)
    const twice: Tensor = torch.zeros([10_000])
    addNormalNoise_([twice, twice], 1, 'seeded')
    expect(twice.std().item()).toBeCloseTo(Math.SQRT2, 1)
  })
})
