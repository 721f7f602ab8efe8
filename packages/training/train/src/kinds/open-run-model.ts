/** The model of a run, of whatever kind it is. */

import type { DividedModel } from '../parallel/divided-model.ts'
import type { Run } from '../run.ts'
import { isClipRun, isImageRun, isLanguageRun } from './kind-of.ts'
import { openClip } from './open-clip.ts'
import { openImageModel } from './open-image-model.ts'
import { openLanguageModel } from './open-language-model.ts'
import type { OpenModel } from './open-model.ts'

/** Allocated and not filled; with `divided` (language models only), this rank's part. Belongs to the caller's scope. */
export function openRunModel(run: Run, divided?: DividedModel): OpenModel {
  if (isClipRun(run)) return openClip(run)
  if (isImageRun(run)) return openImageModel(run)
  if (isLanguageRun(run)) return openLanguageModel(run, divided)
  throw new Error(`the model type ${JSON.stringify(run.model)} is unknown`)
}
