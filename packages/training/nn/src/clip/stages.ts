/** How the stages of CLIP's ResNet follow from its configuration. Needs no libtorch. */

import type { ClipResNetConfig } from './config.ts'

/** Channels that a block gives, by those inside it. */
export const expansion = 4

export interface Stage {
  readonly blocks: number
  /** Channels inside its blocks. */
  readonly planes: number
  /** By how much its first block shrinks height and width. */
  readonly stride: number
}

export const stages = ({ width, layers }: ClipResNetConfig): readonly Stage[] =>
  layers.map((blocks, index) => ({ blocks, planes: width * 2 ** index, stride: index === 0 ? 1 : 2 }))
