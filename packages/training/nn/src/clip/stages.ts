/** Derives the stages of CLIP's ResNet from its configuration. Needs no libtorch. */

import type { ClipResNetConfig } from './config.ts'

/** Ratio of a block's output channels to its inner channels. */
export const expansion = 4

export interface Stage {
  readonly blocks: number
  /** Channels inside its blocks. */
  readonly planes: number
  /** Downsampling factor of its first block. */
  readonly stride: number
}

export const stages = ({ width, layers }: ClipResNetConfig): readonly Stage[] =>
  layers.map((blocks, index) => ({ blocks, planes: width * 2 ** index, stride: index === 0 ? 1 : 2 }))
