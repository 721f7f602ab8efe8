/** Which kind of model a run trains. */

import { type ClipConfig, type ImageClassifierConfig, isClipConfig, type ModelConfig } from '@hadal/nn'
import type { RunConfig } from '../run.ts'
import { classifierKind } from './classifier-kind.ts'
import { clipKind } from './clip-kind.ts'
import { languageKind } from './language-kind.ts'
import type { AnyModelConfig, ModelKind } from './model-kind.ts'

export const isClassifierConfig = (model: AnyModelConfig): model is ImageClassifierConfig =>
  'model_type' in model && model.model_type === 'image_classifier'

/** Whatever is of no other kind is a language model. */
export const isLanguageConfig = (model: AnyModelConfig): model is ModelConfig =>
  !isClassifierConfig(model) && !isClipConfig(model)

type Of<Config extends AnyModelConfig> = { readonly model: Config }

export const isClassifierRun = <R extends RunConfig>(run: R): run is R & Of<ImageClassifierConfig> =>
  isClassifierConfig(run.model)

export const isClipRun = <R extends RunConfig>(run: R): run is R & Of<ClipConfig> => isClipConfig(run.model)

export const isLanguageRun = <R extends RunConfig>(run: R): run is R & Of<ModelConfig> =>
  isLanguageConfig(run.model)

/** Recipes run without a type check: what is no configuration at all counts as a language model's, whose faults are told. */
export function kindOf(model: AnyModelConfig): ModelKind {
  if (typeof model !== 'object' || model === null) return languageKind
  if (isClipConfig(model)) return clipKind
  return isClassifierConfig(model) ? classifierKind : languageKind
}
