/** A model that was found, and what makes an engine of it. */

import type { Logger } from '@hadal/base'
import type { Service } from '@hadal/config'
import type { Engine } from '@hadal/engine'

/** A model file, GGUF or ONNX, or the folder of a model with towers, found. */
export interface ServedModel {
  readonly path: string
  /** As clients will name it; undefined: after the file. */
  readonly id: string | undefined
  /** How it was found. */
  readonly reason: string
  readonly isBundled: boolean
  /** One for texts and one for images. */
  readonly hasTowers?: boolean
  /** Takes tensors and gives tensors. */
  readonly isOnnx?: boolean
  /** Of the model that guesses ahead, where one was named. */
  readonly draftPath?: string
}

/** `said` has the settings that somebody chose; the engine knows the defaults, and why they are so. `weights` are clients' shares, which may change later. */
export type StartEngine = (
  model: ServedModel,
  said: Partial<Service>,
  logger: Logger,
  weights?: Readonly<Record<string, number>>,
) => Engine
