/** The task of a run: its objective over its data. The run is sound, so each objective has the data it needs. */

import { computeDtype, type ModelConfig, type Windows } from '@hadal/nn'
import type { LabelledImages } from '../image-data/labelled-images.ts'
import type { ImageTextPairs } from '../image-text-data/image-text-pairs.ts'
import { privacyPlan } from '../privacy/privacy-issues.ts'
import type { Run } from '../run.ts'
import {
  isLabelledImages,
  type LabelledTexts,
  type PairWindows,
  type StreamedWindows,
} from '../training-data.ts'
import { classTask } from './class-task.ts'
import { contrastiveTask } from './contrastive-task.ts'
import { imageClassTask } from './image-class-task.ts'
import { preferenceTask, rewardTask } from './pair-task.ts'
import type { Task } from './pass.ts'
import { PoissonRows } from './poisson-rows.ts'
import { SampledRows, type Sampling } from './rows.ts'
import { tokenTask } from './token-task.ts'

export function makeTask(run: Run): Task {
  const { objective, data, batch, model, precision, seed } = run
  const size = batch.windows
  const dtype = computeDtype[precision]
  const { train, valid } = data
  const sampling = samplingOf(run)
  switch (objective.kind) {
    case 'tokens':
      return tokenTask(train as Windows | StreamedWindows, valid as Windows, objective, size, sampling)
    case 'dpo':
    case 'ipo':
      return preferenceTask(train as PairWindows, valid as PairWindows, objective, size, seed)
    case 'reward':
      return rewardTask(train as PairWindows, valid as PairWindows, widthOf(model), dtype, size, seed)
    case 'contrastive':
      return contrastiveTask(train as ImageTextPairs, valid as ImageTextPairs, objective, size, seed)
    case 'classes': {
      if (isLabelledImages(train))
        return imageClassTask(train, valid as LabelledImages, objective, size, seed, sampling)
      const [texts, heldOut] = [train as LabelledTexts, valid as LabelledTexts]
      return classTask(texts, heldOut, objective, widthOf(model), dtype, size, sampling)
    }
  }
}

/** Each row once an epoch; in private runs each with the same probability in each step. */
function samplingOf(run: Run): Sampling {
  const { batch, seed } = run
  const privacy = privacyPlan(run)
  if (!privacy) return (rows) => new SampledRows(rows, batch.windows, seed)
  const { sampleRate, secure } = privacy
  // Half of all steps draw more rows than are expected: a second pass for the few above would cost as much as the first.
  const rowsPerPass = Math.floor(1.25 * batch.windows)
  return (rows) => new PoissonRows(rows, { sampleRate, rowsPerPass, seed: secure ? undefined : seed })
}

/** Hidden size of a language model; only those have heads. */
const widthOf = (model: Run['model']): number => (model as ModelConfig).hidden_size
