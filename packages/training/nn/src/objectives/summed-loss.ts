/**
 * The result of every objective: a sum and its divisor. Sums of parts add up to the whole, so a batch may be split into parts of
 * any size and keeps its gradient.
 */

import type { Tensor } from '@hadal/tensor'
import { objectiveOptionInvalid, objectiveShapeMismatch } from './errors.ts'

export interface SummedLoss {
  /** fp32 scalar; its gradient is that of the sum. */
  readonly sum: Tensor
  /** Tokens, examples or pairs in `sum`, each by its weight: the mean is the sum of sums over the sum of counts. */
  readonly count: number
}

/** The sum of a tensor's elements as a number, added up in float64. */
export const total = (values: Tensor): number => values.double().sum().item() as number

/** Throws `nn_objective_shape_mismatch` unless `tensor` has exactly the shape `wanted`. */
export function checkShape(name: string, tensor: Tensor, wanted: readonly number[]): void {
  const { shape } = tensor
  if (String(shape) !== String(wanted)) throw objectiveShapeMismatch(name, shape, wanted)
}

/** Throws `nn_objective_option_invalid` with every issue; each rule is a name, its value and whether it is valid. */
export function checkOptions(rules: readonly (readonly [string, number, boolean, string])[]): void {
  const issues = rules
    .filter(([, , allowed]) => !allowed)
    .map(([name, value, , wanted]) => `${name} is ${value}; it must be ${wanted}`)
  if (issues.length > 0) throw objectiveOptionInvalid(issues)
}
