/**
 * What a model with a tower for texts and one for images must do to be served. Whoever loads one implements it, in a process
 * of its own; knows nothing of libraries and of processes.
 */

import type { ModelInfo } from '../engine.ts'

export interface Towers {
  readonly model: TowersModel
  /** Choices made when it was loaded, with their reasons. */
  readonly choices: readonly string[]
  /** All tokens of a text, with those that stand around it, however many there are. */
  tokenize(text: string): readonly number[]
  /**
   * What `embedImages` takes of one image. Not on this thread for long: others are computed meanwhile. Throws what is wrong with the
   * file; errors call it "the image" and `name`.
   */
  decode(image: Uint8Array, name: string): Promise<Float32Array>
  /** Vectors of `embeddingLength` for texts that are no longer than `contextLength`. */
  embedTexts(texts: readonly (readonly number[])[]): readonly Float32Array[]
  embedImages(images: readonly Float32Array[]): readonly Float32Array[]
}

export interface TowersModel
  extends Pick<
    ModelInfo,
    | 'architecture'
    | 'parameterCount'
    | 'fileBytes'
    | 'memoryBytes'
    | 'contextLength'
    | 'vocabularySize'
    | 'embeddingLength'
  > {
  readonly images: NonNullable<ModelInfo['images']>
  /** Tokens that a text of this length takes in a pass before others make it longer: a tower may need all of its length. */
  paddedLength(tokens: number): number
}

/** What it is to be loaded as. */
export interface TowersConfig {
  readonly folder: string
  readonly threads: number
  readonly threadsReason: string
}

export type OpenTowers = (config: TowersConfig) => Promise<Towers>
