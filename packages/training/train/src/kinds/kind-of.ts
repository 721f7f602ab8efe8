/** Which kind of model a run trains. */

import {
  type ClipConfig,
  type ImageModelConfig,
  isClipConfig,
  isImageModelConfig,
  isResNetConfig,
  type ModelConfig,
} from '@hadal/nn'
import type { AnyModelConfig, RunConfig } from '../run-config.ts'
import { classifierKind } from './classifier-kind.ts'
import { clipKind } from './clip-kind.ts'
import { languageKind } from './language-kind.ts'
import type { ModelKind } from './model-kind.ts'
import { resNetKind } from './resnet-kind.ts'

/** Whatever is of no other kind is a language model. */
export const isLanguageConfig = (model: AnyModelConfig): model is ModelConfig =>
  !isImageModelConfig(model) && !isClipConfig(model)

type Of<Config extends AnyModelConfig> = { readonly model: Config }

export const isImageRun = <R extends RunConfig>(run: R): run is R & Of<ImageModelConfig> =>
  isImageModelConfig(run.model)

export const isClipRun = <R extends RunConfig>(run: R): run is R & Of<ClipConfig> => isClipConfig(run.model)

/** @internal */
export const isLanguageRun = <R extends RunConfig>(run: R): run is R & Of<ModelConfig> =>
  isLanguageConfig(run.model)

/** Recipes run without a type check: an invalid configuration is treated as a language model's, so that its issues are reported. */
export function kindOf(model: AnyModelConfig): ModelKind {
  if (typeof model !== 'object' || model === null) return languageKind
  if (isClipConfig(model)) return clipKind
  if (!isImageModelConfig(model)) return languageKind
  return isResNetConfig(model) ? resNetKind : classifierKind
}
