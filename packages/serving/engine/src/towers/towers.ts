/** The interface of a dual-encoder model (text and image encoder), implemented by the program that loads one. */

import type { ModelInfo } from '../engine.ts'

export interface Towers {
  readonly model: TowersModel
  /** Choices made at load time, with their reasons. */
  readonly choices: readonly string[]
  /** All tokens of a text, including special tokens, without a length limit. */
  tokenize(text: string): readonly number[]
  /**
   * Decodes an image to the input of `embedImages`. Must not block this thread for long: other inputs are computed meanwhile.
   * Throws errors about the file, which call it "the image" and `name`.
   */
  decode(image: Uint8Array, name: string): Promise<Float32Array>
  /** Vectors of `embeddingLength` for texts of at most `contextLength`. */
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
  /** Tokens that a text of this length takes in a pass on its own: an encoder may always pad to its full length. */
  paddedLength(tokens: number): number
}

/** What to load it as. */
export interface TowersConfig {
  readonly folder: string
  readonly threads: number
  readonly threadsReason: string
}

export type OpenTowers = (config: TowersConfig) => Promise<Towers>
