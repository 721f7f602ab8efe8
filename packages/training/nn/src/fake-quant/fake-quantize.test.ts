import { grad, noGrad, scope, setNumThreads, type Tensor, torch } from '@hadal/tensor'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { expectClose } from '../../../tensor/test/expect-close.ts'
import { createObserver } from './create-observer.ts'
import { fakeQuantize } from './fake-quantize.ts'
import { type ScaleAndZero, scaleAndZero } from './quant-parameters.ts'
import { toRows } from './rows.ts'
import { type FakeQuantScheme, quantRange, schemeIssues } from './scheme.ts'

setNumThreads(1)

const numbers = (tensor: Tensor): number[] => [...(tensor.flatten().toTypedArray() as Float32Array)]
const base: FakeQuantScheme = {
  bits: 8,
  symmetric: false,
  signed: false,
  granularity: 'tensor',
  observer: 'min-max',
}

/** Scales after observing each of `batches`. */
function scalesOf(scheme: FakeQuantScheme, ...batches: Tensor[]): ScaleAndZero {
  const rows = toRows(batches[0]!, scheme.granularity).shape[0]!
  const observer = createObserver(scheme, rows, 'cpu')
  for (const batch of batches) noGrad(() => observer.observe(toRows(batch, scheme.granularity)))
  return scaleAndZero(...observer.range(), scheme)
}

describe('scales and zero points', () => {
  // The digits that are given for torch.ao.quantization.
  it.each([
    ['quint8', {}, 0.01372549, 73],
    ['quint8 with a bit less', { reduceRange: true }, 0.02755906, 36],
    ['qint8, symmetric', { signed: true, symmetric: true, narrow: false }, 0.01960784, 0],
    ['±127', { signed: true, symmetric: true }, 0.01968504, 0],
  ] as const)('of %s are those of the reference', (_, part, scale, zero) =>
    scope(() => {
      const { scale_n, zero_n } = scalesOf({ ...base, ...part }, torch.tensor([-1, -0.3, 0, 0.2, 0.75, 2.5]))
      expectClose(scale_n, scale, { roundings: 4 })
      expect(zero_n.toArray()).toEqual([zero])
    }),
  )

  it('move with an average of which a pass counts 0.01, and start at the first', () =>
    scope(() => {
      const observer = createObserver({ ...base, observer: 'moving-average' }, 1, 'cpu')
      for (const high of [1, 2, 3]) observer.observe(torch.tensor([[-1, high]]))
      const [low, high] = observer.range().map(numbers)
      expect(low).toEqual([-1])
      expectClose(high![0]!, 1 + 0.01 + 0.01 * (3 - 1.01), { roundings: 4 })
    }))

  it('of a histogram leave far outliers out, which cost more than clipping them', () =>
    scope(() => {
      const x = torch.cat([torch.linspace(-1, 1, 100_000), torch.tensor([80])])
      const four = { ...base, bits: 4, observer: 'histogram' } as const
      const high = numbers(createRange(four, x)[1])[0]!
      expect(high).toBeGreaterThan(0.9)
      expect(high).toBeLessThan(20)
    }))

  const createRange = (scheme: FakeQuantScheme, x: Tensor): readonly [Tensor, Tensor] => {
    const observer = createObserver(scheme, 1, 'cpu')
    observer.observe(x.reshape([1, -1]))
    return observer.range()
  }
})

describe.each(['min-max', 'moving-average', 'histogram'] as const)('a %s observer', (observer) => {
  const scheme = { ...base, observer, ...(observer === 'moving-average' && { averaging: 0.5 }) }

  it('leaves out what is not finite, and passes of nothing else', () =>
    scope(() => {
      const { NaN: nan, POSITIVE_INFINITY: above, NEGATIVE_INFINITY: below } = Number
      const clean = scalesOf(scheme, torch.tensor([-1, 0.5, 2]), torch.tensor([-3, 0.5]))
      const dirty = scalesOf(
        scheme,
        torch.tensor([nan, above]),
        torch.tensor([nan, -1, 0.5, above, 2]),
        torch.tensor([below, nan]),
        torch.tensor([-3, nan, 0.5, below]),
        torch.empty([0]),
      )
      expect(numbers(dirty.scale_n)).toEqual(numbers(clean.scale_n))
      expect(dirty.zero_n.toArray()).toEqual(clean.zero_n.toArray())
    }))

  it('has seen nothing before it has seen something finite', () =>
    scope(() => {
      const made = createObserver(scheme, 1, 'cpu')
      expect(made.hasSeen).toBe(false)
      made.observe(torch.tensor([[Number.NaN]]))
      expect(made.hasSeen).toBe(false)
      made.observe(torch.tensor([[3]]).bfloat16())
      expect(made.hasSeen).toBe(true)
    }))
})

it('rows are observed each by themselves, and one that is not finite costs the others nothing', () =>
  scope(() => {
    const observer = createObserver({ ...base, granularity: 'channel', observer: 'moving-average' }, 2, 'cpu')
    observer.observe(
      torch.tensor([
        [1, 2],
        [3, 5],
      ]),
    )
    observer.observe(
      torch.tensor([
        [Number.NaN, Number.NaN],
        [103, 105],
      ]),
    )
    const [low, high] = observer.range().map(numbers)
    expect([low![0], high![0]]).toEqual([1, 2])
    expectClose([low![1]!, high![1]!], [4, 6], { roundings: 4 })
  }))

const scheme: fc.Arbitrary<FakeQuantScheme> = fc
  .record({
    bits: fc.integer({ min: 2, max: 8 }),
    symmetric: fc.boolean(),
    signed: fc.boolean(),
    granularity: fc.constantFrom('tensor' as const, 'channel' as const, { group: 4 }),
    reduceRange: fc.boolean(),
  })
  .map((each) => ({ ...each, observer: 'min-max' as const }))
  .filter((each) => schemeIssues(each).length === 0 && !(each.bits === 2 && each.reduceRange))
/** Evenly distributed, unlike doubles, most of which are near zero. */
const finite = fc.integer({ min: -(2 ** 22), max: 2 ** 22 }).map((at) => at / 2 ** 20)
const values = fc.array(finite, { minLength: 24, maxLength: 24 })

describe('fake quantisation', () => {
  it('gives points of the grid, to itself again, off by half a step at most, with gradients inside the range', () => {
    fc.assert(
      fc.property(scheme, values, values, (each, seen, given) =>
        scope(() => {
          const scales = scalesOf(each, torch.tensor(seen, { shape: [3, 8] }))
          const range = quantRange(each)
          const x = torch.tensor(given, { shape: [3, 8] }).requiresGrad_()
          const y = fakeQuantize(x, scales, range, each.granularity)
          expect(fakeQuantize(y, scales, range, each.granularity).equal(y)).toBe(true)
          const dx = numbers(grad(y.sum(), [x])[0]!)
          const [scale_n, zero_n] = [numbers(scales.scale_n), scales.zero_n.toArray() as number[]]
          const perRow = given.length / scale_n.length
          for (const [at, value] of numbers(y).entries()) {
            const row = Math.floor(at / perRow)
            const [scale, zero] = [scale_n[row]!, zero_n[row]!]
            const level = Math.round(value / scale) + zero
            expect(Math.abs(value - (level - zero) * scale)).toBeLessThanOrEqual(1e-6 * Math.abs(value))
            expect(level).toBeGreaterThanOrEqual(range.quantMin)
            expect(level).toBeLessThanOrEqual(range.quantMax)
            const exact = given[at]! / scale + zero
            const edge = 0.5 - 1e-3
            if (exact > range.quantMin - edge && exact < range.quantMax + edge) {
              expect(dx[at]).toBe(1)
              expect(Math.abs(value - given[at]!)).toBeLessThanOrEqual(scale * (0.5 + 1e-3))
            }
            if (exact < range.quantMin - 0.501 || exact > range.quantMax + 0.501) expect(dx[at]).toBe(0)
          }
        }),
      ),
      { numRuns: 150 },
    )
  })

  it('is libtorch’s, to the bit', () => {
    fc.assert(
      fc.property(scheme, values, values, (each, seen, given) =>
        scope(() => {
          const { scale_n, zero_n } = scalesOf(each, torch.tensor(seen, { shape: [3, 8] }))
          const { quantMin, quantMax } = quantRange(each)
          const x = torch.tensor(given, { shape: [3, 8] }).requiresGrad_()
          const rows = toRows(x, each.granularity)
          const theirs = torch.fakeQuantizePerChannelAffine(rows, scale_n, zero_n, 0, quantMin, quantMax)
          const ours = fakeQuantize(x, { scale_n, zero_n }, { quantMin, quantMax }, each.granularity)
          const gradOutputs = [torch.linspace(-1, 2, 24).reshape([3, 8])]
          expect(ours.equal(theirs.reshape([3, 8]))).toBe(true)
          const [wanted] = grad(theirs.reshape([3, 8]), [x], { gradOutputs })
          expect(grad(ours, [x], { gradOutputs })[0]!.equal(wanted!)).toBe(true)
        }),
      ),
    )
  })

  it('shows where a value is not finite, as libtorch’s does not', () =>
    scope(() => {
      const scales = { scale_n: torch.ones([1]), zero_n: torch.tensor([128], { dtype: 'int32' }) }
      const x = torch.tensor([Number.NaN, Infinity, -Infinity, 1]).requiresGrad_()
      const y = fakeQuantize(x, scales, quantRange(base), 'tensor')
      expect(numbers(y)).toEqual([Number.NaN, 127, -128, 1])
      expect(numbers(grad(y.sum(), [x])[0]!)).toEqual([0, 0, 0, 1])
    }))

  it('leaves x alone', () =>
    scope(() => {
      const x = torch.tensor([0.3, 0.7])
      noGrad(() => fakeQuantize(x, scalesOf(base, x), quantRange(base), 'tensor'))
      expect(x.equal(torch.tensor([0.3, 0.7]))).toBe(true)
    }))

  it('rounds halves to even and keeps zero', () =>
    scope(() => {
      const scales = { scale_n: torch.ones([1]), zero_n: torch.tensor([10], { dtype: 'int32' }) }
      const y = fakeQuantize(torch.tensor([0.5, 1.5, 2.5, -0.5, -1.5, 0]), scales, quantRange(base), 'tensor')
      expect(numbers(y).map((each) => each + 0)).toEqual([0, 2, 2, 0, -2, 0])
    }))

  it('keeps the dtype of x', () =>
    scope(() => {
      const x = torch.randn([4, 8]).bfloat16().requiresGrad_()
      for (const granularity of ['tensor', 'channel', { group: 4 }] as const) {
        const scales = scalesOf({ ...base, granularity }, x.detach())
        const y = fakeQuantize(x, scales, quantRange(base), granularity)
        expect([y.dtype, y.shape]).toEqual(['bfloat16', [4, 8]])
        expect(grad(y.float().sum(), [x])[0]!.dtype).toBe('bfloat16')
      }
    }))
})

it('all issues of a contradictory scheme are reported', () => {
  const wrong: FakeQuantScheme = {
    bits: 9,
    symmetric: true,
    signed: false,
    granularity: { group: 1 },
    observer: 'histogram',
    averaging: 2,
    reduceRange: true,
    narrow: true,
  }
  expect(schemeIssues(wrong)).toHaveLength(6)
  expect(schemeIssues(base)).toEqual([])
})
