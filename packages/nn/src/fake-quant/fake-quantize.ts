/**
 * Rounds to a grid and back, in fp32: (clamp(round(x / scale) + zero, qmin, qmax) - zero) · scale, halves to even. The gradient
 * passes where x / scale + zero lies within the range, and is zero elsewhere (the straight-through estimator, Bengio et al. 2013,
 * arXiv:1308.3432). PyTorch's own operators.
 */

import { type Tensor, torch } from '@hadal/tensor'
import type { ScaleAndZero } from './quant-parameters.ts'
import { toRows } from './rows.ts'
import type { Granularity, QuantRange } from './scheme.ts'

/** x of any float dtype, which the result has too. */
export function fakeQuantize(
  x: Tensor,
  { scale_n, zero_n }: ScaleAndZero,
  { quantMin, quantMax }: QuantRange,
  granularity: Granularity,
): Tensor {
  const wide = x.float()
  if (granularity === 'tensor')
    return torch.fakeQuantizePerTensorAffine(wide, scale_n, zero_n, quantMin, quantMax).to(x.dtype)
  const rows = granularity === 'channel' ? wide : toRows(wide, granularity)
  const rounded = torch.fakeQuantizePerChannelAffine(rows, scale_n, zero_n, 0, quantMin, quantMax)
  return rounded.reshape(x.shape).to(x.dtype)
}
