/** Which kind of model a run trains. */

import type { ImageClassifierConfig, ModelConfig } from '@hadal/nn'
import type { RunConfig } from '../run.ts'
import { classifierKind } from './classifier-kind.ts'
import { languageKind } from './language-kind.ts'
import type { AnyModelConfig, ModelKind } from './model-kind.ts'

export const isClassifierConfig = (model: AnyModelConfig): model is ImageClassifierConfig =>
  'model_type' in model && model.model_type === 'image_classifier'

/** Whatever is of no other kind is a language model. */
export const isLanguageConfig = (model: AnyModelConfig): model is ModelConfig => !isClassifierConfig(model)

type Of<Config extends AnyModelConfig> = { readonly model: Config }

export const isClassifierRun = <R extends RunConfig>(run: R): run is R & Of<ImageClassifierConfig> =>
  isClassifierConfig(run.model)

export const isLanguageRun = <R extends RunConfig>(run: R): run is R & Of<ModelConfig> =>
  isLanguageConfig(run.model)

export const kindOf = (model: AnyModelConfig): ModelKind =>
  isClassifierConfig(model) ? classifierKind : languageKind
