import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { grad, manualSeed, memory, noGrad, op, scope, setNumThreads, type Tensor, torch } from '@hadal/tensor'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { hasTorch } from '../../test/reference/torch-installed.ts'
import { makeCodebook } from '../optimizers/blockwise.ts'
import { Nf4Weight, nf4Bytes } from './nf4-weight.ts'

setNumThreads(1)
const floats = (tensor: Tensor): number[] => [...(tensor.flatten().toTypedArray() as Float32Array)]

describe('a weight in NF4', () => {
  it.skipIf(!hasTorch())('has the codes, magnitudes and values that bitsandbytes’ algorithm gives', () =>
    scope(() => {
      manualSeed(3)
      // The last is neither a whole number of blocks nor, of its magnitudes, one of 256.
      const weights = [
        torch.randn([8, 16]),
        torch.randn([3, 7]).mul(1e-3),
        torch.zeros([2, 64]),
        torch.randn([150, 131]),
      ]
      const script = fileURLToPath(new URL('../../test/reference/nf4.py', import.meta.url))
      const input = JSON.stringify(weights.map(floats))
      const { stdout } = spawnSync('/usr/bin/python3', [script], {
        input,
        encoding: 'utf8',
        maxBuffer: 1 << 27,
      })
      const expected = JSON.parse(stdout) as Record<'packed' | 'absmax' | 'once' | 'twice', number[]>[]
      for (const [index, weight] of weights.entries()) {
        const { packed, absmax, once, twice } = expected[index]!
        const own = new Nf4Weight(weight)
        expect([...own.packed.bytes()]).toEqual(packed)
        expect(floats(own.unpack())).toEqual(once)
        const [, magnitudes] = op('hadal::nf4_pack')(weight) as [Tensor, Tensor]
        expect(floats(magnitudes)).toEqual(absmax)
        const doubled = floats(new Nf4Weight(weight, makeCodebook(true)).unpack())
        doubled.forEach((value, i) => {
          expect(Math.abs(value - twice[i]!)).toBeLessThanOrEqual(1e-6 * Math.max(...absmax))
        })
      }
    }),
  )

  it('is off by no more than half the widest gap between levels, of the largest in the block', () => {
    const value = fc.oneof(
      fc.double({ min: -1, max: 1, noNaN: true }),
      fc.constantFrom(0, 1, -1, 1e-20, 1e-40),
    )
    const scale = fc.constantFrom(1e-6, 1, 1e6)
    fc.assert(
      fc.property(fc.array(value, { minLength: 1, maxLength: 300 }), scale, (values, by) =>
        scope(() => {
          const weight = torch.tensor(Float32Array.from(values, (each) => each * by))
          const given = floats(weight)
          const once = floats(new Nf4Weight(weight).unpack())
          const twice = floats(new Nf4Weight(weight, makeCodebook(true)).unpack())
          for (let start = 0; start < given.length; start += 64) {
            const block = given.slice(start, start + 64)
            const largest = Math.max(...block.map(Math.abs))
            // -1 and the level after it are furthest apart.
            for (let i = start; i < start + block.length; i += 1)
              expect(Math.abs(once[i]! - given[i]!)).toBeLessThanOrEqual(largest * 0.1521 + 1.2e-38)
          }
          // A magnitude in 8 bits is off by 0.8 % of how far the 256 around it lie from their mean.
          const furthest = Math.max(...given.map(Math.abs))
          twice.forEach((each, i) => {
            expect(Math.abs(each - once[i]!)).toBeLessThanOrEqual(furthest * 0.008 + 1e-30)
          })
        }),
      ),
      { numRuns: 60 },
    )
  })

  it('comes back unchanged when what it unpacked to is packed again', () =>
    scope(() => {
      manualSeed(5)
      const first = new Nf4Weight(torch.randn([24, 40]))
      const second = new Nf4Weight(first.unpack())
      expect(second.packed.equal(first.packed)).toBe(true)
      expect(second.unpack().equal(first.unpack())).toBe(true)
    }))

  it.each(['float32', 'bfloat16', 'float16'] as const)(
    'multiplies and differentiates in %s as its matrix does, to the bit',
    (dtype) =>
      scope(() => {
        manualSeed(7)
        const weight = new Nf4Weight(torch.randn([48, 80]), makeCodebook(true))
        const matrix = weight.unpack(dtype)
        expect(matrix.equal(weight.unpack().to(dtype))).toBe(true)
        const x = torch.randn([2, 5, 80]).to(dtype).requiresGrad_(true)
        const upstream = torch.randn([2, 5, 48]).to(dtype)
        const y = weight.linear(x)
        const wanted = torch.linear(x, matrix)
        expect(y.equal(wanted)).toBe(true)
        const [dx] = grad(y, [x], { gradOutputs: [upstream] })
        const [wantedDx] = grad(wanted, [x], { gradOutputs: [upstream] })
        expect(dx!.equal(wantedDx!)).toBe(true)
        expect(noGrad(() => weight.linear(x)).requiresGrad).toBe(false)
      }),
  )

  it.each([
    ['fp32 magnitudes', [null, null, null]],
    ['magnitudes in 8 bits', [torch.zeros([2], { dtype: 'uint8' }), torch.ones([256]), torch.zeros([1])]],
  ] as const)('has gradients of a bias, and a second derivative, with %s', (_, rest) =>
    scope(() => {
      manualSeed(8)
      const [packed] = op('hadal::nf4_pack')(torch.randn([4, 32])) as [Tensor, Tensor]
      const packedWeight = [packed, torch.ones([rest[0] ? 1 : 2]), ...rest] as const
      const linear = op('hadal::nf4_linear')
      const matrix = op('hadal::nf4_unpack')(...packedWeight, [4, 32], 'float32') as Tensor
      const x = torch.randn([2, 3, 32]).requiresGrad_(true)
      const bias = torch.randn([4]).requiresGrad_(true)
      const upstream = torch.randn([2, 3, 4])
      const ours = (b: Tensor): Tensor => linear(x, ...packedWeight, [4, 32], b) as Tensor
      const theirs = (b: Tensor): Tensor => torch.linear(x, matrix, b)
      const first = (y: Tensor, of: Tensor[]): Tensor[] => grad(y, of, { gradOutputs: [upstream] })
      for (const of of [[x, bias], [bias]])
        expect(first(ours(bias), of).map(floats)).toEqual(first(theirs(bias), of).map(floats))
      const second = (y: Tensor): number[] => {
        const [dx] = grad(y.pow(3).sum(), [x], { createGraph: true })
        return floats(grad(dx!.pow(2).sum(), [x])[0]!)
      }
      expect(second(ours(bias))).toEqual(second(theirs(bias)))
    }),
  )

  it('takes 4.13 bits a weight, and nothing more between a product and its gradient', () =>
    scope(() => {
      memory()
      const [outputs, inputs] = [1024, 768]
      const count = outputs * inputs
      const codebook = makeCodebook(true)
      const source = torch.randn([outputs, inputs])
      const before = memory().currentBytes
      const weight = new Nf4Weight(source, codebook)
      const taken = memory().currentBytes - before
      expect(weight.byteLength).toBe(nf4Bytes(count, true))
      expect((taken * 8) / count).toBeLessThan(4.135)
      expect((weight.byteLength * 8) / count).toBeCloseTo(4.127, 2)
      expect((nf4Bytes(count, false) * 8) / count).toBe(4.5)
      const x = torch.randn([4, inputs]).requiresGrad_(true)
      const beforeProduct = memory().currentBytes
      const y = scope(() => weight.linear(x))
      expect(memory().currentBytes - beforeProduct).toBeLessThan(4 * outputs * 4 + 1024)
      expect(grad(y.sum(), [x])[0]!.shape).toEqual([4, inputs])
    }))

  it('refuses what is no such weight', () =>
    scope(() => {
      const refused = expect.objectContaining({ code: 'tensor_op_failed' })
      const call = op('hadal::nf4_unpack')
      const [packed, scales] = op('hadal::nf4_pack')(torch.randn([128])) as [Tensor, Tensor]
      expect(() => call(packed, scales, null, null, null, [64], 'float32')).toThrow(refused)
      expect(() => call(packed, scales, null, null, null, [128], 'float64')).toThrow(refused)
      expect(() => call(packed, scales.narrow(0, 0, 1).clone(), null, null, null, [128], 'float32')).toThrow(
        refused,
      )
      expect(() => call(packed, scales, packed, null, null, [128], 'float32')).toThrow(refused)
      expect(() => op('hadal::nf4_pack')(torch.zeros([4], { dtype: 'float64' }))).toThrow(refused)
    }))
})
