/** Next-token prediction: pretraining, and fine-tuning on responses (whose prompts have no targets). */

import {
  countTargets,
  type HiddenModel,
  selectWindows,
  summedTokenLoss,
  tokenLoss,
  type Windows,
} from '@hadal/nn'
import { torch } from '@hadal/tensor'
import { streamEnded } from '../errors.ts'
import type { TokenObjective } from '../objective.ts'
import { isStreamed, type StreamedWindows } from '../training-data.ts'
import type { Pass, PassSource, Task } from './pass.ts'
import { type BarePass, evenParts, passesInOrder, type Rows, type Sampling } from './rows.ts'

/** `size` windows a pass. */
export function tokenTask(
  train: Windows | StreamedWindows,
  valid: Windows,
  objective: TokenObjective,
  size: number,
  sampling: Sampling,
): Task<HiddenModel> {
  const rows = (windows: Windows): Rows<HiddenModel> => ({
    count: windows.count,
    unit: 'windows',
    pass: (indices) => tokenPass(selectWindows(windows, indices), objective),
  })
  return {
    head: undefined,
    training: isStreamed(train) ? streamedPasses(train, size, objective) : sampling(rows(train)),
    prepare: async () => {},
    heldOut: () => passesInOrder(rows(valid), size),
  }
}

/** Its passes throw `train_stream_ended`: a user's stream may end. */
function streamedPasses(
  data: StreamedWindows,
  size: number,
  objective: TokenObjective,
): PassSource<HiddenModel> {
  const stream = data.open()
  return {
    next: async () => {
      const from = stream.state
      const windows = (await stream.next(size)) as Windows | undefined
      if (!windows?.count) throw streamEnded(place(from))
      return streamedPass(windows, objective, place(from))
    },
    get position() {
      return stream.state
    },
    restore: (position) => stream.restore(position),
    get epochs() {
      return stream.epoch
    },
  }
}

function streamedPass(windows: Windows, objective: TokenObjective, from: string): Pass<HiddenModel> {
  const { count } = windows
  const pick = ([start, end]: [number, number]): Windows =>
    selectWindows(
      windows,
      Array.from({ length: end - start }, (_, offset) => start + offset),
    )
  return {
    ...tokenPass(windows, objective),
    rows: count,
    describe: () => `${count} windows of the stream from ${from}`,
    split: (parts) => evenParts(count, parts).map((range) => streamedPass(pick(range), objective, from)),
  }
}

/** A state without its constant parts. */
const place = (state: unknown): string =>
  JSON.stringify(state, (key, value) => (key === 'fingerprint' ? undefined : value))

function tokenPass(
  windows: Windows,
  { labelSmoothing = 0, zLoss = 0 }: TokenObjective,
): BarePass<HiddenModel> {
  const shape = [windows.count, windows.length]
  const plain = labelSmoothing === 0 && zLoss === 0
  return {
    weight: countTargets(windows),
    tokens: windows.count * windows.length,
    loss: (model) => {
      const inputs_bt = torch.tensor(windows.inputs, { shape })
      const targets_bt = torch.tensor(windows.targets, { shape }).long()
      const segments_bt = windows.segments && torch.tensor(windows.segments, { shape })
      if (model.tokenLoss)
        return model.tokenLoss(model.hidden(inputs_bt, segments_bt), targets_bt, { labelSmoothing, zLoss })
      const logits_btv = model.forward(inputs_bt, segments_bt)
      return plain
        ? summedTokenLoss(logits_btv, targets_bt)
        : tokenLoss(logits_btv, targets_bt, { labelSmoothing, zLoss }).sum
    },
  }
}
