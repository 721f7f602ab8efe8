/** Learning from pairs of a better and a worse answer: DPO and IPO against the weights of the start, and reward models. */

import {
  type Answers,
  type HiddenModel,
  type Pair,
  pairLogProbs,
  preferenceLoss,
  RewardHead,
  referenceLogProbs,
  rewardLoss,
  selectWindows,
  type Windows,
} from '@hadal/nn'
import { type DType, scope, type Tensor, torch } from '@hadal/tensor'
import type { PreferenceObjective } from '../objective.ts'
import type { PairWindows } from '../training-data.ts'
import type { Pass, Task } from './pass.ts'
import { passesInOrder, type Rows, SampledRows } from './rows.ts'

/** log p of each row's answers under the weights of the start. */
type Reference = Pair<Float32Array>

/** `size` pairs a pass. */
export function preferenceTask(
  train: PairWindows,
  valid: PairWindows,
  { kind, beta, labelSmoothing }: PreferenceObjective,
  size: number,
  seed: number,
): Task {
  const perToken = kind === 'ipo'
  const references = new Map<PairWindows, Reference>()
  const rows = (pairs: PairWindows): Rows => ({
    count: pairs.chosen.count,
    unit: 'pairs',
    pass: (indices) => {
      const selected = selectPairs(pairs, indices)
      return pairPass(selected, (model) => {
        const policy = pairLogProbs(model, answers(selected), perToken)
        const of = (all: Float32Array): Tensor =>
          torch.tensor(Float32Array.from(indices, (index) => all[index]!))
        const { chosen, rejected } = references.get(pairs)!
        const reference = { chosen: of(chosen), rejected: of(rejected) }
        return preferenceLoss(policy, reference, { variant: kind, beta, labelSmoothing }).sum
      })
    },
  })
  return {
    head: undefined,
    training: new SampledRows(rows(train), size, seed),
    prepare: (model) => {
      for (const pairs of [train, valid]) references.set(pairs, referenceOf(model, pairs, size, perToken))
    },
    heldOut: () => passesInOrder(rows(valid), size),
  }
}

/** One pass over all pairs; a sum over the answer, or its mean a token. */
function referenceOf(model: HiddenModel, pairs: PairWindows, size: number, perToken: boolean): Reference {
  const count = pairs.chosen.count
  const reference = { chosen: new Float32Array(count), rejected: new Float32Array(count) }
  for (let start = 0; start < count; start += size) {
    const length = Math.min(size, count - start)
    const selected = selectPairs(
      pairs,
      Array.from({ length }, (_, offset) => start + offset),
    )
    scope(() => {
      const { chosen, rejected } = referenceLogProbs(model, answers(selected), perToken)
      reference.chosen.set(chosen.toTypedArray() as Float32Array, start)
      reference.rejected.set(rejected.toTypedArray() as Float32Array, start)
    })
  }
  return reference
}

/** A reward from the hidden state that says an answer's last token. `size` pairs a pass. */
export function rewardTask(
  train: PairWindows,
  valid: PairWindows,
  hiddenSize: number,
  dtype: DType,
  size: number,
  seed: number,
): Task {
  const head = new RewardHead(hiddenSize, dtype)
  const rows = (pairs: PairWindows): Rows => ({
    count: pairs.chosen.count,
    unit: 'pairs',
    pass: (indices) => {
      const selected = selectPairs(pairs, indices)
      const reward = (model: HiddenModel, windows: Windows): Tensor => {
        const shape = [windows.count, windows.length]
        const hidden_btd = model.hidden(torch.tensor(windows.inputs, { shape }))
        const learnt_bt = torch.tensor(windows.targets, { shape }).ge(0)
        return head.forward(hidden_btd, learnt_bt)
      }
      return pairPass(
        selected,
        (model) =>
          rewardLoss({ chosen: reward(model, selected.chosen), rejected: reward(model, selected.rejected) })
            .sum,
      )
    },
  })
  return {
    head,
    training: new SampledRows(rows(train), size, seed),
    prepare: () => {},
    heldOut: () => passesInOrder(rows(valid), size),
  }
}

const pairPass = ({ chosen, rejected }: PairWindows, loss: Pass['loss']): Omit<Pass, 'describe'> => ({
  weight: chosen.count,
  tokens: chosen.inputs.length + rejected.inputs.length,
  loss,
})

const selectPairs = ({ chosen, rejected }: PairWindows, indices: readonly number[]): PairWindows => ({
  chosen: selectWindows(chosen, indices),
  rejected: selectWindows(rejected, indices),
})

function answers({ chosen, rejected }: PairWindows): Pair<Answers> {
  const of = (windows: Windows): Answers => {
    const shape = [windows.count, windows.length]
    return {
      ids_bt: torch.tensor(windows.inputs, { shape }),
      targets_bt: torch.tensor(windows.targets, { shape }).long(),
    }
  }
  return { chosen: of(chosen), rejected: of(rejected) }
}
