/** A resolved model and what is needed to start its engine. */

import type { Logger } from '@hadal/base'
import type { Service } from '@hadal/config'
import type { Engine } from '@hadal/engine'

/** A resolved model: a GGUF or ONNX file, or the folder of a dual-encoder model. */
export interface ServedModel {
  readonly path: string
  /** The name for clients; undefined: from the file name. */
  readonly id: string | undefined
  /** How it was resolved. */
  readonly reason: string
  readonly isBundled: boolean
  /** A dual encoder for texts and images. */
  readonly hasTowers?: boolean
  /** A tensor model. */
  readonly isOnnx?: boolean
  /** Path of the draft model for speculative decoding, if one is configured. */
  readonly draftPath?: string
}

/**
 * `said` contains explicit settings only; the engine supplies defaults with reasons. `weights` are client weights, which may change later.
 */
export type StartEngine = (
  model: ServedModel,
  said: Partial<Service>,
  logger: Logger,
  weights?: Readonly<Record<string, number>>,
) => Engine
