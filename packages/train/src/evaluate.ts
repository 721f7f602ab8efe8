/** Held-out loss. */

import { countTargets, type Decoder, selectWindows, type Windows } from '@hadal/nn'
import { noGrad, scope } from '@hadal/tensor'
import { batchLoss } from './batch-tensors.ts'

/** Mean cross-entropy over every target of `windows`, in nats a token. */
export function evaluate(model: Decoder, windows: Windows, batchSize: number): number {
  let total = 0
  for (let start = 0; start < windows.count; start += batchSize) {
    const size = Math.min(batchSize, windows.count - start)
    const batch = selectWindows(
      windows,
      Array.from({ length: size }, (_, offset) => start + offset),
    )
    total += noGrad(() => scope(() => batchLoss(model, batch).item() as number))
  }
  return total / countTargets(windows)
}
