/** Operators on parameters that models use outside modules: what these compute, and the report of it. */

import { type Tensor, torch } from '@hadal/tensor'
import { isListenedTo, notify } from './layer-use.ts'

/** input [b, ..., i] times weightᵀ [o, i], plus bias. */
export function linear(input: Tensor, weight: Tensor, bias?: Tensor): Tensor {
  const output = torch.linear(input, weight, bias)
  return isListenedTo() ? notify(output, { layer: 'linear', input, weight, bias }) : output
}

/** Ids [b, ...] to rows of weight [v, d]: [b, ..., d]. */
export function embedding(weight: Tensor, input: Tensor): Tensor {
  const output = torch.embedding(weight, input)
  return isListenedTo() ? notify(output, { layer: 'embedding', input, weight }) : output
}

/**
 * A parameter [...] as [rows, ...], once for each row of a batch, without a copy. Models that add a parameter to what a
 * batch has become (positions, a class token), or multiply with it, take it from here: else private training does not know which sample's
 * gradient it received.
 */
export function forEachRow(parameter: Tensor, rows: number): Tensor {
  const output = parameter.unsqueeze(0).expand([rows, ...parameter.shape])
  return isListenedTo() ? notify(output, { layer: 'rows', parameter }) : output
}
