/** The task of a run: its objective over its data. The run is sound, so each objective has the data it needs. */

import { computeDtype, type Windows } from '@hadal/nn'
import type { Run } from '../run.ts'
import type { LabelledTexts, PairWindows, StreamedWindows } from '../training-data.ts'
import { classTask } from './class-task.ts'
import { preferenceTask, rewardTask } from './pair-task.ts'
import type { Task } from './pass.ts'
import { tokenTask } from './token-task.ts'

export function makeTask({ objective, data, batch, model, precision, seed }: Run): Task {
  const size = batch.windows
  const dtype = computeDtype[precision]
  const { train, valid } = data
  switch (objective.kind) {
    case 'tokens':
      return tokenTask(train as Windows | StreamedWindows, valid as Windows, objective, size, seed)
    case 'dpo':
    case 'ipo':
      return preferenceTask(train as PairWindows, valid as PairWindows, objective, size, seed)
    case 'reward':
      return rewardTask(train as PairWindows, valid as PairWindows, model.hidden_size, dtype, size, seed)
    case 'classes': {
      const [texts, heldOut] = [train as LabelledTexts, valid as LabelledTexts]
      return classTask(texts, heldOut, objective, model.hidden_size, dtype, size, seed)
    }
  }
}
