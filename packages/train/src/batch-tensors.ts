/** A batch's way from host arrays to tensors and through the model. Call inside a scope: its tensors belong to it. */

import { type Decoder, summedTokenLoss, type Windows } from '@hadal/nn'
import { type Tensor, torch } from '@hadal/tensor'

/** Sum of the cross-entropies of every target of `windows`. */
export function batchLoss(model: Decoder, windows: Windows): Tensor {
  const shape = [windows.count, windows.length]
  const inputs = torch.tensor(windows.inputs, { shape })
  const targets = torch.tensor(windows.targets, { shape }).long()
  const segments = windows.segments && torch.tensor(windows.segments, { shape })
  return summedTokenLoss(model.forward(inputs, segments), targets)
}
