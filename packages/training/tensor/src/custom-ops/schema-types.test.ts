import { describe, expectTypeOf, it } from 'vitest'
import type { Scalar } from '../dtype.ts'
import type { Tensor } from '../tensor.ts'
import type { OpFunction, TensorArguments } from './schema-types.ts'

describe('a schema as a type', () => {
  it('has a parameter for each argument, and what it gives', () => {
    expectTypeOf<OpFunction<'(Tensor a, Tensor b) -> Tensor'>>().toEqualTypeOf<
      (a: Tensor, b: Tensor) => Tensor
    >()
    expectTypeOf<
      OpFunction<'(Tensor? mask, int n, float p, bool on, str how, Scalar s) -> int'>
    >().toEqualTypeOf<
      (mask: Tensor | null, n: number, p: number, on: boolean, how: string, s: Scalar) => number
    >()
    expectTypeOf<OpFunction<'(Tensor[] xs, int[] shape, int[2] kernel) -> Tensor[]'>>().toEqualTypeOf<
      (xs: readonly Tensor[], shape: readonly number[], kernel: number | readonly number[]) => Tensor[]
    >()
  })

  it('gives several results as a tuple, and one in brackets as itself', () => {
    expectTypeOf<OpFunction<'(Tensor x) -> (Tensor y, Tensor roots)'>>().toEqualTypeOf<
      (x: Tensor) => [Tensor, Tensor]
    >()
    expectTypeOf<OpFunction<'(Tensor x) -> (Tensor y)'>>().toEqualTypeOf<(x: Tensor) => Tensor>()
  })

  it('lets arguments with a default be left out, commas in it or not', () => {
    expectTypeOf<OpFunction<'(Tensor x, int[] pads=[0, 1], float eps=1e-5) -> Tensor'>>().toEqualTypeOf<
      (x: Tensor, pads?: readonly number[], eps?: number) => Tensor
    >()
  })

  it('takes what stands behind the star by name, as JavaScript spells names', () => {
    type Call = OpFunction<'(Tensor x, *, float weight_decay=0, bool now) -> Tensor'>
    expectTypeOf<Parameters<Call>[1]>().toExtend<{ readonly weightDecay?: number; readonly now: boolean }>()
    type Free = OpFunction<'(Tensor x, *, float eps=0) -> Tensor'>
    expectTypeOf<Free>().toBeCallableWith({} as Tensor)
    expectTypeOf<Free>().toBeCallableWith({} as Tensor, { eps: 1 })
  })

  it('knows which arguments are tensors', () => {
    expectTypeOf<
      TensorArguments<'(Tensor a, float p, Tensor? b=None, Tensor[] c) -> Tensor'>
    >().toEqualTypeOf<'a' | 'b'>()
  })
})
