/** The default export of an operator folder's `op.ts`: the operator, its reference, and its test cases. */

import type { DType } from '../../dtype.ts'
import type { Tensor } from '../../tensor.ts'
import type { OpDefinition } from '../op-definition.ts'
import type { OpArguments, OpFunction } from '../schema-types.ts'

/** Returns a tensor of normally distributed numbers; the caller chooses memory layouts. */
export type Draw = (shape: readonly number[]) => Tensor

export interface OpModule<Schema extends string = string> {
  readonly definition: OpDefinition<Schema>
  /** The same, composed of operators of libtorch. */
  readonly reference: OpFunction<Schema>
  /** Arguments of a call, for one of `shapes`. */
  readonly arguments: (draw: Draw, shape: readonly number[]) => OpArguments<Schema>
  /** Default: one to three dimensions, empty ones among them. */
  readonly shapes?: readonly (readonly number[])[]
  /** Default: float32 and float64. The last check, of gradients by differences, needs float64. */
  readonly dtypes?: readonly DType[]
  /** Largest difference from the reference, as a share of its largest value. Default: by dtype. */
  readonly tolerance?: number
  /** What `hadal op bench` measures. Default: one small and one large. */
  readonly benchShapes?: readonly (readonly number[])[]
}

export const usualShapes: readonly (readonly number[])[] = [[0], [1], [7], [3, 5], [2, 0, 4], [4, 33, 17]]
export const usualDtypes: readonly DType[] = ['float32', 'float64']
export const usualBenchShapes: readonly (readonly number[])[] = [
  [64, 256],
  [1024, 1024],
]

const tolerances: Readonly<Partial<Record<DType, number>>> = {
  float64: 1e-11,
  float32: 1e-5,
  float16: 4e-3,
  bfloat16: 3e-2,
}

export function toleranceOf({ tolerance }: OpModule, dtype: DType): number {
  return tolerance ?? tolerances[dtype] ?? 0
}
