/** The loss of a decoder on held-out windows, nats a token that carries loss. Knows nothing about how its weights came about. */

import {
  createModel,
  ignoreIndex,
  Linear,
  loadParameters,
  type ModelConfig,
  namedModules,
  roundToFormat,
  type Windows,
} from '@hadal/nn'
import { noGrad, scope, type Tensor, torch } from '@hadal/tensor'
import { fromHost, type Weights } from '@hadal/train'

export interface HeldOut {
  readonly loss: number
  /** Of each window. */
  readonly sums: readonly number[]
  readonly counts: readonly number[]
}

/** With `readsInt8` linear layers read 8 bits, every 32 by their own largest. */
export function heldOutLoss(
  config: ModelConfig,
  weights: Weights,
  windows: Windows,
  readsInt8: boolean,
): HeldOut {
  return noGrad(() =>
    scope(() => {
      const model = createModel(config)
      loadParameters(model.parameters(), fromHost(weights))
      if (readsInt8)
        for (const [, layer] of namedModules(model))
          if (layer instanceof Linear)
            layer.multiplyWith((x, weight) => torch.linear(roundToFormat(x, 'Q8_0'), weight))
      const sums: number[] = []
      const counts: number[] = []
      for (let row = 0; row < windows.count; row += 1)
        scope(() => {
          const part = (values: Int32Array): Tensor =>
            torch.tensor(values.slice(row * windows.length, (row + 1) * windows.length)).long()
          const ids_1t = part(windows.inputs).unsqueeze(0)
          const segments_1t = windows.segments && part(windows.segments).unsqueeze(0)
          const logits_tv = model.forward(ids_1t, segments_1t).squeeze(0)
          const targets_t = part(windows.targets)
          const sum = torch.crossEntropyLoss(logits_tv, targets_t, { ignoreIndex, reduction: 'sum' })
          sums.push(sum.item() as number)
          counts.push(targets_t.ne(ignoreIndex).sum().item() as number)
        })
      return { loss: total(sums) / total(counts), sums, counts }
    }),
  )
}

/** How much more loss `a` has than `b`, and the standard error of that over windows, which both read. */
export function lossDifference(
  a: HeldOut,
  b: HeldOut,
): { readonly difference: number; readonly error: number } {
  const difference = a.loss - b.loss
  const tokens = total(a.counts)
  const squares = a.sums.map((sum, at) => (sum - b.sums[at]! - difference * a.counts[at]!) ** 2)
  return { difference, error: Math.sqrt(total(squares)) / tokens }
}

const total = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0)
