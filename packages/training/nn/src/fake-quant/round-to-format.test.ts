import { decodeFloats, encodeTensor, fallbackType } from '@hadal/formats'
import { grad, scope, setNumThreads, type Tensor, torch } from '@hadal/tensor'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { roundToFormat, type WeightFormat, weightFormats } from './round-to-format.ts'

setNumThreads(1)

/** The values after writing to a GGUF file and reading back. */
function throughFile(values: Float32Array, width: number, format: WeightFormat): Float32Array {
  const shape = [values.length / width, width]
  const type = fallbackType(format, width)
  return decodeFloats('x', type, encodeTensor({ name: 'x', shape, type, data: values }))
}

/** Zero has one sign here. */
const bits = (values: Float32Array): Uint32Array => new Uint32Array(values.map((each) => each + 0).buffer)

const valuesOf = (tensor: Tensor): Float32Array => tensor.toTypedArray() as Float32Array

/** Raw weights, and edge cases: ties, zeros of either sign, equal magnitudes, values that leave a block no scale. */
const value = fc.oneof(
  { weight: 12, arbitrary: fc.integer({ min: -(2 ** 24), max: 2 ** 24 }).map((at) => at / 2 ** 24) },
  { weight: 1, arbitrary: fc.constantFrom(0, -0, 1, -1, 0.5, -0.5, 127, 63.5) },
  { weight: 1, arbitrary: fc.double({ min: -60_000, max: 60_000, noNaN: true }) },
  { weight: 1, arbitrary: fc.double({ min: -2, max: 2, noNaN: true }) },
)
const scale = fc.constantFrom(1, 0.02, 1e-3, 1e-6, 1e-12, 1e-30, 1e-38, 1e-42)
const rows = fc
  .tuple(fc.array(value, { minLength: 256, maxLength: 256 }), scale, fc.constantFrom(32, 64, 256, 16))
  .map(([list, by, width]) => ({ values: Float32Array.from(list, (each) => each * by), width }))

describe.each(weightFormats)('weights rounded to %s', (format) => {
  it('are, to the bit, what a GGUF file of them holds', () => {
    fc.assert(
      fc.property(rows, ({ values, width }) =>
        scope(() => {
          const weight = torch.tensor(values, { shape: [values.length / width, width] })
          expect(bits(valuesOf(roundToFormat(weight, format)))).toEqual(
            bits(throughFile(values, width, format)),
          )
        }),
      ),
      { numRuns: 60 },
    )
  })

  it('are the same for many blocks at once, as weights are', () =>
    scope(() => {
      const weight = torch.randn([96, 512]).mul(0.02)
      expect(bits(valuesOf(roundToFormat(weight, format)))).toEqual(
        bits(throughFile(valuesOf(weight), 512, format)),
      )
    }))

  it.each(['float32', 'bfloat16'] as const)('pass the gradient on as it is, in %s', (dtype) =>
    scope(() => {
      const weight = torch.randn([4, 256]).to(dtype).requiresGrad_()
      const rounded = roundToFormat(weight, format)
      const upstream = torch.randn([4, 256]).to(dtype)
      expect(grad(rounded, [weight], { gradOutputs: [upstream] })[0]!.equal(upstream)).toBe(true)
      expect(rounded.dtype).toBe(dtype)
      expect(rounded.float().equal(roundToFormat(weight.detach().float(), format).to(dtype).float())).toBe(
        true,
      )
    }),
  )

  it('show where a weight is not finite', () =>
    scope(() => {
      const weight = torch.zeros([2, 256])
      weight.narrow(0, 0, 1).narrow(1, 3, 1).fill_(Number.NaN)
      const rounded = roundToFormat(weight, format)
      expect(rounded.isfinite().all().item()).toBe(false)
      expect(rounded.narrow(0, 1, 1).eq(0).all().item()).toBe(true)
    }))
})
