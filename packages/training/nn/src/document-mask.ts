/** The attention mask of packed rows. */

import { scope, type Tensor, torch } from '@hadal/tensor'

/** Segments [b, t] to an additive mask [b, 1, t, t]: 0 where column j is an earlier (or the same) token of row i's document, else -inf. */
export function documentMask(segments_bt: Tensor): Tensor {
  const time = segments_bt.shape[1]!
  return scope(() => {
    const same = torch.eq(segments_bt.unsqueeze(2), segments_bt.unsqueeze(1))
    const visible = torch.logicalAnd(same, torch.ones([time, time], { dtype: 'bool' }).tril())
    const zero = torch.zeros([1, 1, 1])
    return torch.where(visible, zero, zero.sub(Number.POSITIVE_INFINITY)).unsqueeze(1)
  })
}
