/** What a linear layer in 8-bit floats rounds, alongside libtorch's own casts, and what it says was there. */

import { fp8Largest, fp8Linear, grad, noGrad, scope, setNumThreads, type Tensor, torch } from '@hadal/tensor'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { expectClose } from './expect-close.ts'

setNumThreads(1)

const width = 8
const unscaled = (): Tensor => torch.ones([3])
const bits = (tensor: Tensor): number[] => [...new Uint32Array(tensor.float().bytes().buffer)]

/** Through a weight of 1 the product is what was rounded. */
function roundedForward(x: Tensor): Tensor {
  return fp8Linear(x, torch.eye(width), unscaled(), torch.zeros([3]))
}

function roundedBackward(gradient: Tensor): Tensor {
  const x = torch.zeros([1, width]).requiresGrad_()
  const y = fp8Linear(x, torch.eye(width), unscaled(), torch.zeros([3]))
  return grad(y, [x], { gradOutputs: [gradient] })[0]!
}

const row = (largest: number): fc.Arbitrary<number[]> =>
  fc.array(
    fc.oneof(
      fc.float({ noNaN: true, min: Math.fround(-largest), max: Math.fround(largest) }),
      fc.integer({ min: -1000, max: 1000 }).map((number) => Math.fround(number * 2 ** -12)),
    ),
    { minLength: width, maxLength: width },
  )

describe('a linear layer in 8-bit floats', () => {
  it.each([
    ['e4m3', 'float8_e4m3fn', roundedForward],
    ['e5m2', 'float8_e5m2', roundedBackward],
  ] as const)('rounds to %s as a cast does', (format, dtype, round) => {
    fc.assert(
      fc.property(row(fp8Largest[format]), (values) =>
        scope(() => {
          const x = torch.tensor(Float32Array.from(values), { shape: [1, width] })
          // Sums with zeros lose the sign of a zero.
          expect(bits(round(x))).toEqual(bits(x.to(dtype).float().add(0)))
        }),
      ),
    )
  })

  it('keeps what is out of range at the largest value', () => {
    scope(() => {
      const x = torch.tensor([[1e6, -1e6, 449, 57_345, 1, 0, -448, 1e30]])
      expect(roundedForward(x).toArray()).toEqual([[448, -448, 448, 448, 1, 0, -448, 448]])
      expect(roundedBackward(x).toArray()).toEqual([[57_344, -57_344, 448, 57_344, 1, 0, -448, 57_344]])
    })
  })

  it('scales by the largest value where no scale is known, which then becomes the largest of the format', () => {
    scope(() => {
      const x = torch.tensor([[3, -0.75, 0, 0, 0, 0, 0, 0]])
      const y = fp8Linear(x, torch.eye(width), torch.zeros([3]), torch.zeros([3]))
      const scaled = x.mul(fp8Largest.e4m3 / 3)
      const wanted = scaled
        .to('float8_e4m3fn')
        .float()
        .div(fp8Largest.e4m3 / 3)
      expectClose(y, wanted, { roundings: 4 })
    })
  })

  it('says what it has seen, only while gradients are recorded', () => {
    scope(() => {
      const seen = torch.zeros([3])
      const x = torch.tensor([[-3, 1]]).requiresGrad_()
      const weight = torch.tensor([[0.5, -0.25]]).requiresGrad_()
      noGrad(() => fp8Linear(x, weight, unscaled(), seen))
      expect(seen.toArray()).toEqual([0, 0, 0])
      const y = fp8Linear(x, weight, unscaled(), seen)
      expect(seen.toArray()).toEqual([3, 0.5, 0])
      grad(y, [x, weight], { gradOutputs: [torch.tensor([[-7]])] })
      expect(seen.toArray()).toEqual([3, 0.5, 7])
      // Less does not lower it.
      fp8Linear(x.mul(0.5), weight, unscaled(), seen)
      expect(seen.toArray()).toEqual([3, 0.5, 7])
    })
  })

  it('takes rows of any number of dimensions, none of them too, and weights that are frozen', () => {
    scope(() => {
      const seen = torch.zeros([3])
      const weight = torch.ones([2, 4])
      const x = torch.ones([2, 3, 4]).requiresGrad_()
      const y = fp8Linear(x, weight, unscaled(), seen)
      expect(y.shape).toEqual([2, 3, 2])
      expect(grad(y.sum(), [x])[0]!.toArray()).toEqual(torch.full([2, 3, 4], 2).toArray())
      const none = fp8Linear(
        torch.zeros([0, 4]).requiresGrad_(),
        weight.clone().requiresGrad_(),
        unscaled(),
        seen,
      )
      expect(none.shape).toEqual([0, 2])
      const bfloat = fp8Linear(x.bfloat16(), weight.bfloat16(), unscaled(), seen)
      expect(bfloat.dtype).toBe('bfloat16')
    })
  })

  it('refuses what does not fit', () => {
    scope(() => {
      const x = torch.ones([2, 4])
      const three = torch.ones([3])
      expect(() => fp8Linear(x, torch.ones([4, 2]), three, three)).toThrow('x must be [..., inputs]')
      expect(() => fp8Linear(x, torch.ones([2, 4]), torch.ones([2]), three)).toThrow('scales must be three')
      expect(() => fp8Linear(x, torch.ones([2, 4]), three, three.double())).toThrow('seen must be three')
    })
  })
})
