/** Each kernel alongside the operators that it stands for. */

import {
  attentionHeads,
  type DType,
  fp8Linear,
  grad,
  manualSeed,
  noGrad,
  rmsNorm16,
  scope,
  setNumThreads,
  swiGlu16,
  type Tensor,
  torch,
} from '@hadal/tensor'
import { describe, expect, it } from 'vitest'

setNumThreads(1)

const bytes = (tensor: Tensor): Uint8Array => tensor.contiguous().bytes()
const drawn = (shape: number[], dtype: DType): Tensor =>
  noGrad(() => torch.randn(shape).to(dtype)).requiresGrad_()

describe.each(['float32', 'bfloat16', 'float16'] as const)('heads of attention from %s', (dtype) => {
  it.each([
    [1, true],
    [2, true],
    [3, true],
    [1, false],
    [4, false],
  ] as const)('have the bits of the operators, repeated %i times, rotated: %s', (repeats, rotates) => {
    scope(() => {
      manualSeed(5)
      const [b, t, heads, width] = [2, 5, 3, 10]
      const x = drawn([b, t, heads * width], dtype)
      const angles = torch.randn([t, width / 2])
      const rotary = rotates ? { cos: angles.cos(), sin: angles.sin() } : undefined
      const one = attentionHeads(x, { heads, repeats, rotary })
      const other = composed(x, heads, repeats, rotary)
      expect(one.shape).toEqual([b, heads * repeats, t, width])
      expect(one.dtype).toBe('float32')
      expect(bytes(one)).toEqual(bytes(other))
      // As attention gives them: of [b, t, h, e], seen as [b, h, t, e].
      const gradient = torch.randn([b, t, heads * repeats, width]).transpose(1, 2)
      const [d1, d2] = [one, other].map((y) => grad(y, [x], { gradOutputs: [gradient] })[0]!)
      expect(bytes(d1!)).toEqual(bytes(d2!))
    })
  })
})

function composed(
  x: Tensor,
  heads: number,
  repeats: number,
  rotary: { readonly cos: Tensor; readonly sin: Tensor } | undefined,
): Tensor {
  const [b, t] = x.shape as [number, number]
  let y = x.view([b, t, heads, -1]).transpose(1, 2).float()
  if (rotary) {
    const { cos, sin } = rotary
    const [a, c] = y.chunk(2, -1) as [Tensor, Tensor]
    y = torch.cat([a.mul(cos).sub(c.mul(sin)), c.mul(cos).add(a.mul(sin))], -1)
  }
  const width = y.shape[3]!
  return y
    .unsqueeze(2)
    .expand([b, heads, repeats, t, width])
    .reshape([b, heads * repeats, t, width])
}

it('heads that do not divide x, and tables of other shapes, are refused', () => {
  scope(() => {
    const x = torch.ones([1, 2, 6])
    expect(() => attentionHeads(x, { heads: 4 })).toThrow('heads · width')
    const rotary = { cos: torch.ones([2, 2]), sin: torch.ones([2, 2]) }
    expect(() => attentionHeads(x, { heads: 1, rotary })).toThrow('cos and sin must be')
  })
})

it('tables on another device than x are refused', () => {
  scope(() => {
    const cos = torch.ones([2, 3], { device: 'meta' })
    expect(() => attentionHeads(torch.ones([1, 2, 6]), { heads: 1, rotary: { cos, sin: cos } })).toThrow(
      'cos and sin must be on the device of x, cpu, not on meta',
    )
  })
})

it.each([
  [
    'attentionHeads',
    'operators that it stands for',
    (x: Tensor) => attentionHeads(x.view([1, 2, 4]), { heads: 2 }),
  ],
  ['rmsNorm16', 'torch.rmsNorm', (x: Tensor) => rmsNorm16(x, torch.ones([4], { dtype: x.dtype }), 1e-5)],
  ['swiGlu16', 'torch.silu', (x: Tensor) => swiGlu16(x, x)],
  [
    'fp8Linear',
    'torch.linear',
    (x: Tensor) => fp8Linear(x, torch.eye(4, { dtype: x.dtype }), torch.ones([3]), torch.zeros([3])),
  ],
] as const)('%s has no second derivative, and says what has', (name, instead, run) => {
  scope(() => {
    const x = drawn([2, 4], 'bfloat16')
    const y = run(x).float().pow(3).sum()
    const twice = (): unknown => grad(y, [x], { createGraph: true })
    expect(twice).toThrow(`${name} has no second derivative`)
    expect(twice).toThrow(instead)
  })
})

describe.each(['bfloat16', 'float16'] as const)('a norm of rows in %s', (dtype) => {
  const eps = 1e-5
  const precise = (tensor: Tensor): Tensor => noGrad(() => tensor.double()).requiresGrad_()

  it.each([1, 16, 37, 256])('is as near to the exact one as libtorch’s, with rows of %i', (width) => {
    scope(() => {
      manualSeed(6)
      const x = drawn([3, 7, width], dtype)
      const weight = drawn([width], dtype)
      const gradient = noGrad(() => torch.randn([3, 7, width]).to(dtype))
      const run = (
        norm: (x: Tensor, weight: Tensor) => Tensor,
        from: readonly [Tensor, Tensor],
      ): Tensor[] => {
        const y = norm(...from)
        return [y, ...grad(y, [...from], { gradOutputs: [gradient.to(y.dtype)] })]
      }
      const exact = run((a, w) => torch.rmsNorm(a, [width], w, eps), [precise(x), precise(weight)])
      const theirs = run((a, w) => torch.rmsNorm(a, [width], w, eps), [x, weight])
      const ours = run((a, w) => rmsNorm16(a, w, eps), [x, weight])
      for (const [at, wanted] of exact.entries()) {
        const off = (tensor: Tensor): number => tensor.double().sub(wanted).abs().max().item() as number
        const unit = (wanted.abs().max().item() as number) * (dtype === 'bfloat16' ? 2 ** -8 : 2 ** -11)
        expect(ours[at]!.dtype).toBe(dtype)
        expect(off(ours[at]!)).toBeLessThanOrEqual(off(theirs[at]!) + unit)
      }
    })
  })

  it('leaves out what no gradient is wanted of, and takes rows in any order', () => {
    scope(() => {
      const x = drawn([4, 6, 8], dtype)
      const weight = noGrad(() => torch.randn([8]).to(dtype))
      const [dx] = grad(rmsNorm16(x, weight, eps).float().sum(), [x])
      expect(dx!.shape).toEqual([4, 6, 8])
      const turned = noGrad(() => x.transpose(0, 1))
      expect(bytes(rmsNorm16(turned, weight, eps))).toEqual(
        bytes(rmsNorm16(turned.contiguous(), weight, eps)),
      )
      expect(() => rmsNorm16(x, torch.ones([7]).to(dtype), eps)).toThrow('x must be')
    })
  })
})

it('a norm of other floats is libtorch’s own', () => {
  scope(() => {
    const [x, weight] = [torch.randn([3, 8]), torch.randn([8])]
    expect(bytes(rmsNorm16(x, weight, 1e-6))).toEqual(bytes(torch.rmsNorm(x, [8], weight, 1e-6)))
  })
})

describe.each(['bfloat16', 'float16'] as const)('gated values in %s', (dtype) => {
  it('are as near to the exact ones as libtorch’s, forward and back', () => {
    scope(() => {
      manualSeed(7)
      // Far out on both sides, too, and more than one block of them.
      const spread = (): Tensor =>
        noGrad(() =>
          torch
            .randn([3, 1000])
            .mul(torch.linspace(0, 30, 1000))
            .to(dtype),
        )
      const [gate, value, gradient] = [spread(), spread(), spread()]
      const run = (mix: (a: Tensor, b: Tensor) => Tensor, to: DType): Tensor[] => {
        const from = [gate, value].map((tensor) =>
          noGrad(() => tensor.to(to))
            .clone()
            .detach()
            .requiresGrad_(),
        )
        const y = mix(from[0]!, from[1]!)
        return [y, ...grad(y, from, { gradOutputs: [gradient.to(to)] })]
      }
      const plain = (a: Tensor, b: Tensor): Tensor => torch.silu(a).mul(b)
      const [exact, theirs, ours] = [run(plain, 'float64'), run(plain, dtype), run(swiGlu16, dtype)]
      const ulp = dtype === 'bfloat16' ? 2 ** -8 : 2 ** -11
      for (const [at, wanted] of exact.entries()) {
        // In parts of each value, where float16 has one that is not subnormal.
        const size = wanted.abs().clamp({ min: 1e-3 })
        const off = (tensor: Tensor): number =>
          tensor.double().sub(wanted).div(size).abs().max().item() as number
        expect(off(ours[at]!)).toBeLessThanOrEqual(off(theirs[at]!) + ulp)
        expect(off(ours[at]!)).toBeLessThan(8 * ulp)
      }
    })
  })

  it('of what is not finite are what libtorch’s are', () => {
    scope(() => {
      const gate = torch.tensor([Number.NaN, Number.POSITIVE_INFINITY, 1, -100, 100]).to(dtype)
      const value = torch.tensor([1, 2, Number.NaN, 3, Number.POSITIVE_INFINITY]).to(dtype)
      const plain = torch.silu(gate).mul(value).float().toArray() as number[]
      const ours = swiGlu16(gate, value).float().toArray() as number[]
      expect(ours.map(String).map((text, at) => (Math.abs(plain[at]!) < 1e-30 ? '0' : text))).toEqual(
        plain.map((number) => (Math.abs(number) < 1e-30 ? '0' : String(number))),
      )
    })
  })
})

it('gated values of other floats are libtorch’s own, and shapes must agree', () => {
  scope(() => {
    const [gate, value] = [torch.randn([3, 8]), torch.randn([3, 8])]
    expect(bytes(swiGlu16(gate, value))).toEqual(bytes(torch.silu(gate).mul(value)))
    expect(() => swiGlu16(gate, torch.ones([8]))).toThrow('the same shape')
  })
})
