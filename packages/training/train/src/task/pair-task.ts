/** Training on preference pairs: DPO and IPO against the initial weights, and reward models. */

import { setImmediate } from 'node:timers/promises'
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
import { type DType, emptyCache, scope, type Tensor, torch } from '@hadal/tensor'
import { isOutOfMemory, noRoomForRow } from '../memory/within-memory.ts'
import type { PreferenceObjective } from '../objective.ts'
import type { PairWindows } from '../training-data.ts'
import type { Pass, Task } from './pass.ts'
import { type BarePass, passesInOrder, type Rows, SampledRows } from './rows.ts'

/** Log-probabilities of each row's responses under the initial weights: sums, or means per token. Initially zero. */
type Reference = Pair<Float32Array>

const emptyReference = ({ chosen: { count } }: PairWindows): Reference => ({
  chosen: new Float32Array(count),
  rejected: new Float32Array(count),
})

/** `size` pairs a pass. */
export function preferenceTask(
  train: PairWindows,
  valid: PairWindows,
  { kind, beta, labelSmoothing }: PreferenceObjective,
  size: number,
  seed: number,
): Task<HiddenModel> {
  const perToken = kind === 'ipo'
  const references = new Map([train, valid].map((pairs) => [pairs, emptyReference(pairs)]))
  const rows = (pairs: PairWindows): Rows<HiddenModel> => ({
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
    prepare: async (model, isStopRequested = () => false, isAlone = true) => {
      let atOnce = size
      for (const [pairs, reference] of references)
        atOnce = await readReference(model, pairs, reference, { atOnce, perToken, isAlone }, isStopRequested)
    },
    heldOut: () => passesInOrder(rows(valid), size),
  }
}

interface Reading {
  /** Pairs. */
  readonly atOnce: number
  readonly perToken: boolean
  readonly isAlone: boolean
}

/**
 * Fills `reference`, which takes as long as evaluating all pairs; stops early if `isStopRequested`. Returns the final number of
 * pairs per pass, which is halved until they fit in memory.
 */
async function readReference(
  model: HiddenModel,
  pairs: PairWindows,
  reference: Reference,
  { atOnce, perToken, isAlone }: Reading,
  isStopRequested: () => boolean,
): Promise<number> {
  const read = (start: number, length: number): void => {
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
  const { count } = pairs.chosen
  let most = atOnce
  for (let start = 0; start < count && !isStopRequested(); ) {
    const length = Math.min(most, count - start)
    try {
      read(start, length)
      start += length
    } catch (thrown) {
      if (!isAlone || !isOutOfMemory(thrown)) throw thrown
      emptyCache()
      if (length === 1) throw noRoomForRow(pairs.chosen.length + pairs.rejected.length, thrown)
      most = Math.ceil(length / 2)
    }
    await setImmediate() // lets signals in
  }
  return most
}

/**
 * Rewards are read from the hidden state that predicts a response's last token, because windows contain that token only as a
 * target. Hugging Face's sequence classifiers read the state of the last input token, which is the same one for a text without its
 * last token. `size` pairs per pass.
 */
export function rewardTask(
  train: PairWindows,
  valid: PairWindows,
  hiddenSize: number,
  dtype: DType,
  size: number,
  seed: number,
): Task<HiddenModel> {
  const head = new RewardHead(hiddenSize, dtype)
  const rows = (pairs: PairWindows): Rows<HiddenModel> => ({
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
    prepare: async () => {},
    heldOut: () => passesInOrder(rows(valid), size),
  }
}

const pairPass = (
  { chosen, rejected }: PairWindows,
  loss: Pass<HiddenModel>['loss'],
): BarePass<HiddenModel> => ({
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
