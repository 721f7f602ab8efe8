/** Host data in and out, indexing, printing, random numbers, gradients, whole numbers and overloads. */

import { inspect } from 'node:util'
import {
  enableGrad,
  getNumThreads,
  getRngState,
  grad,
  gradAsync,
  isGradEnabled,
  libraryInfo,
  manualSeed,
  noGrad,
  op,
  schemasOf,
  setNumThreads,
  setRngState,
  Tensor,
  torch,
} from '@hadal/tensor'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

describe('torch.tensor', () => {
  it('chooses the dtype by the data', () => {
    expect(torch.tensor([1, 2]).dtype).toBe('float32')
    expect(torch.tensor([true, false]).dtype).toBe('bool')
    expect(torch.tensor([1n, 2n]).dtype).toBe('int64')
    expect(torch.tensor(3.5).shape).toEqual([])
    expect(torch.tensor([]).shape).toEqual([0])
    for (const [array, dtype] of [
      [new Float32Array(2), 'float32'],
      [new Float64Array(2), 'float64'],
      [new BigInt64Array(2), 'int64'],
      [new Int32Array(2), 'int32'],
      [new Int16Array(2), 'int16'],
      [new Int8Array(2), 'int8'],
      [new Uint8Array(2), 'uint8'],
      [new Uint16Array(2), 'uint16'],
    ] as const) {
      expect(torch.tensor(array).dtype).toBe(dtype)
      expect(torch.tensor(array).toTypedArray()).toEqual(array)
    }
  })

  it('takes dtype, shape and requiresGrad', () => {
    const made = torch.tensor(new Float32Array([1, 2, 3, 4]), { dtype: 'int64', shape: [2, 2] })
    expect(made.toArray()).toEqual([
      [1, 2],
      [3, 4],
    ])
    expect(made.dtype).toBe('int64')
    expect(torch.tensor([1.5], { requiresGrad: true }).requiresGrad).toBe(true)
    expect(torch.tensor([2 ** 52 + 1], { dtype: 'int64' }).toTypedArray()).toEqual(
      BigInt64Array.of(2n ** 52n + 1n),
    )
    expect(torch.tensor([2n ** 62n]).toTypedArray()).toEqual(BigInt64Array.of(2n ** 62n))
    expect(torch.tensor([1.7], { dtype: 'int32' }).toArray()).toEqual([1])
    expect(torch.tensor([0, 1, 2], { dtype: 'bool' }).toArray()).toEqual([false, true, true])
  })

  it('gives back any nested array of numbers', () => {
    const nested = fc
      .tuple(fc.integer({ min: 0, max: 3 }), fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 4 }))
      .chain(([a, b, c]) => {
        const row = fc.array(fc.float({ noNaN: true }), { minLength: c, maxLength: c })
        const table = fc.array(row, { minLength: b, maxLength: b })
        return fc.array(table, { minLength: a, maxLength: a })
      })
    fc.assert(
      fc.property(nested, (data) => {
        expect(torch.tensor(data).toArray()).toEqual(data)
      }),
    )
  })
})

describe('host memory', () => {
  it('comes in and out as bytes of any dtype', () => {
    const half = torch.fromBytes(new Uint16Array([0x3f80, 0x4000]), 'bfloat16', [2])
    expect(half.toTypedArray()).toEqual(Float32Array.of(1, 2))
    expect(half.bytes()).toEqual(new Uint8Array([0x80, 0x3f, 0x00, 0x40]))
    expect(torch.fromBytes(new Uint8Array(0), 'float32', [0, 3]).shape).toEqual([0, 3])
  })

  it('is written in row-major order whatever the strides', () => {
    const a = torch.zeros([2, 3])
    a.t().copyFrom_(Float32Array.of(1, 2, 3, 4, 5, 6))
    expect(a.toArray()).toEqual([
      [1, 3, 5],
      [2, 4, 6],
    ])
    expect(a.t().toTypedArray()).toEqual(Float32Array.of(1, 2, 3, 4, 5, 6))
    expect(
      a
        .copyFrom_(Float32Array.of(6, 5, 4, 3, 2, 1))
        .at(0)
        .toArray(),
    ).toEqual([6, 5, 4])
  })

  it('is shared by asTypedArray, also after the tensor is freed', () => {
    const a = torch.zeros([3])
    const seen = a.asTypedArray()
    a.add_(2)
    expect(seen).toEqual(Float32Array.of(2, 2, 2))
    seen[0] = 9
    expect(a.toArray()).toEqual([9, 2, 2])
    a.free()
    expect(seen[0]).toBe(9)
    expect(() => torch.zeros([2, 3]).t().asTypedArray()).toThrow('contiguous')
  })

  it('has no elements for sparse and meta tensors, which still print', () => {
    const sparse = torch.toSparse(torch.eye(3))
    expect(() => sparse.toTypedArray()).toThrow('no plain elements')
    expect(String(sparse)).toContain('shape=[3, 3]')
    expect(String(torch.zeros([2], { device: 'meta' }))).toContain('device=meta')
  })
})

describe('indexing', () => {
  const a = torch.arange(24).reshape([2, 3, 4])

  it('reads every form', () => {
    expect(a.get(1, 2, 3).item()).toBe(23)
    expect(a.at(-1).shape).toEqual([3, 4])
    expect(a.get(':', [0, 2]).shape).toEqual([2, 2, 4])
    expect(a.get('...', [0, null, 2]).shape).toEqual([2, 3, 2])
    expect(a.get(0, '...', -1).toArray()).toEqual([3, 7, 11])
    expect(a.get(null, 0).shape).toEqual([1, 3, 4])
    expect(a.get(':', null).shape).toEqual([2, 1, 3, 4])
    expect(a.get(':', torch.tensor([2n, 0n])).shape).toEqual([2, 2, 4])
    expect(a.get('...', torch.tensor([2n, 0n])).shape).toEqual([2, 3, 2])
    expect(a.get(a.gt(20)).toArray()).toEqual([21, 22, 23])
    expect(a.get(0, torch.tensor([true, false, true])).shape).toEqual([2, 4])
  })

  it('writes where it reads', () => {
    const b = torch.zeros([2, 3])
    b.set_([0, [1, 3]], 5).set_([1], torch.tensor([7, 8, 9]))
    expect(b.toArray()).toEqual([
      [0, 5, 5],
      [7, 8, 9],
    ])
    b.set_([':', torch.tensor([0n])], -1)
    b.set_([b.gt(7)], 0)
    expect(b.toArray()).toEqual([
      [-1, 5, 5],
      [-1, 0, 0],
    ])
  })
})

describe('printing', () => {
  it('lays numbers out in columns', () => {
    expect(String(torch.tensor([1, 2, 3]))).toBe('tensor([1, 2, 3], shape=[3])')
    expect(
      String(
        torch.tensor([
          [1.5, -2],
          [0.25, 10],
        ]),
      ),
    ).toBe('tensor([[ 1.5000, -2.0000],\n        [ 0.2500, 10.0000]], shape=[2, 2])')
    expect(String(torch.tensor(true))).toBe('tensor(true, shape=[], dtype=bool)')
    expect(String(torch.tensor([1e-9, 1]))).toBe('tensor([1.0000e-9, 1.0000e+0], shape=[2])')
    expect(String(torch.tensor([Number.NaN, 0.5]))).toBe('tensor([   NaN, 0.5000], shape=[2])')
    expect(inspect(torch.ones([2]).requiresGrad_())).toBe('tensor([1, 1], shape=[2], requiresGrad)')
  })

  it('cuts what is long', () => {
    expect(String(torch.arange(2000))).toContain(
      '[   0,    1,    2,  ..., 1997, 1998, 1999]'.replace(' ...', '...'),
    )
    expect(String(torch.zeros([50, 50])).split('\n')).toHaveLength(7)
  })
})

describe('whole numbers', () => {
  it('take the dtype of the tensor operand', () => {
    expect(torch.tensor([1n]).add(1).dtype).toBe('int64')
    expect(torch.tensor([1n]).add(1.5).dtype).toBe('float32')
    expect(torch.tensor([1]).mul(2).dtype).toBe('float32')
    expect(torch.tensor([true]).add(1).dtype).toBe('int64')
    expect(torch.pow(2, torch.tensor([3n])).toArray()).toEqual([8])
    expect(torch._foreachAdd([torch.tensor([1n])], 1)[0]!.dtype).toBe('int64')
  })

  it('are floating point alone, but in arange', () => {
    expect(torch.full([1], 1).dtype).toBe('float32')
    expect(torch.full([1], 1n).dtype).toBe('int64')
    expect(torch.arange(3).dtype).toBe('int64')
    expect(torch.arange(0, 1, 0.5).dtype).toBe('float32')
    expect(torch.where(torch.tensor([true]), 1, 0).dtype).toBe('float32')
  })

  it('keep their sign at zero', () => {
    expect(Object.is((torch.full([1], -0) as Tensor).item(), -0)).toBe(true)
  })
})

describe('calling', () => {
  it('takes options by name, positions, or both', () => {
    const a = torch.arange(6).reshape([2, 3]).float()
    const expected = [[3], [12]]
    expect(a.sum([1], true).toArray()).toEqual(expected)
    expect(a.sum([1], { keepdim: true }).toArray()).toEqual(expected)
    expect(torch.sum(a, 1, { keepdim: true, dtype: 'float64' }).dtype).toBe('float64')
    expect(a.max().item()).toBe(5)
    expect(a.max(1).map((t) => t.toArray())).toEqual([
      [2, 5],
      [2, 2],
    ])
    expect(a.max(a.neg()).toArray()).toEqual(a.toArray())
    expect(a.split(1, 1).map((t) => t.shape)).toEqual([
      [2, 1],
      [2, 1],
      [2, 1],
    ])
    expect(torch.equal(a, a.clone())).toBe(true)
    expect(torch.add(a, a, undefined).at(1).toArray()).toEqual([6, 8, 10])
  })

  it('reaches what is not public, and other namespaces, by schema name', () => {
    expect(op('_shape_as_tensor')(torch.ones([2, 3])).toArray()).toEqual([2, 3])
    expect(op('aten::relu')(torch.tensor([-1])).item()).toBe(0)
    expect(schemasOf(torch.relu)).toContain('aten::relu(Tensor self) -> Tensor')
    expect(schemasOf(() => 1)).toEqual([])
  })

  it('returns more tensors than its buffer held at first', () => {
    const parts = torch.arange(5000).unbind()
    expect(parts).toHaveLength(5000)
    expect(parts[4999]!.item()).toBe(4999)
    expect(
      torch
        .cat(parts.map((part) => part.view([1])))
        .sum()
        .item(),
    ).toBe(12_497_500)
  })
})

it('hands over lists of any length with what follows them', () => {
  const one = torch.ones([1, 2])
  for (const length of [700, 765, 766, 767, 768, 1020, 1023, 1024, 1025, 3000, 20_000]) {
    expect(torch.cat(Array(length).fill(one), 1).shape).toEqual([1, 2 * length])
    expect(torch._foreachAdd(Array(length).fill(one), Array(length).fill(2)).at(-1)!.at(0).toArray()).toEqual(
      [3, 3],
    )
  }
})

describe('random numbers', () => {
  it('repeat with the seed and with the state', () => {
    manualSeed(7)
    const first = torch.randn([3]).toArray()
    const state = getRngState()
    const second = torch.rand([3]).toArray()
    setRngState(state)
    expect(torch.rand([3]).toArray()).toEqual(second)
    manualSeed(7n)
    expect(torch.randn([3]).toArray()).toEqual(first)
  })
})

describe('gradients', () => {
  it('come for several outputs, with weights, and of higher order', () => {
    const x = torch.tensor([2, 3], { requiresGrad: true })
    const y = x.pow(3)
    const [first] = grad(y, [x], { gradOutputs: [torch.tensor([1, 10])], createGraph: true })
    expect(first!.toArray()).toEqual([12, 270])
    expect(grad(first!.sum(), [x])[0]!.toArray()).toEqual([12, 180])
    expect(grad([x.sum(), x.mul(2).sum()], [x])[0]!.toArray()).toEqual([3, 3])
    const unused = torch.ones([1]).requiresGrad_()
    expect(grad(x.sum(), [x, unused], { allowUnused: true })[1]).toBeNull()
  })

  it('keep the graph when asked to', () => {
    const x = torch.ones([2]).requiresGrad_()
    const y = x.exp().sum()
    grad(y, [x], { retainGraph: true })
    grad(y, [x])
    expect(() => grad(y, [x])).toThrow('second time')
  })

  it('come from a worker thread while the event loop runs', async () => {
    const x = torch.randn([300, 300]).requiresGrad_()
    let y = x
    for (let i = 0; i < 20; i++) y = y.matmul(x).tanh()
    const loss = y.sum()
    let ticks = 0
    const timer = setInterval(() => ticks++, 1)
    const [there] = await gradAsync(loss, [x], { retainGraph: true })
    clearInterval(timer)
    const [here] = grad(loss, [x])
    expect(torch.allclose(there!, here!)).toBe(true)
    expect(ticks).toBeGreaterThan(0)
    await expect(gradAsync(loss, [x])).rejects.toMatchObject({ code: 'tensor_op_failed' })
  })

  it('are recorded or not as the surroundings say', () => {
    expect(isGradEnabled()).toBe(true)
    noGrad(() => {
      expect(isGradEnabled()).toBe(false)
      expect(enableGrad(() => torch.ones([1]).requiresGrad_().add(1).requiresGrad)).toBe(true)
    })
    const x = torch.ones([1]).requiresGrad_()
    expect(x.detach().requiresGrad).toBe(false)
    expect(x.requiresGrad_(false).requiresGrad).toBe(false)
  })
})

it('describes the library', () => {
  expect(libraryInfo().version).toMatch(/^\d+\.\d+/)
  expect(libraryInfo().path).toContain('libtorch')
  expect(libraryInfo().blas).toBeTruthy()
  const threads = getNumThreads()
  setNumThreads(1)
  expect(getNumThreads()).toBe(1)
  setNumThreads(threads)
  expect(torch.zeros([1])).toBeInstanceOf(Tensor)
})
