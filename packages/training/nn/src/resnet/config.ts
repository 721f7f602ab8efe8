/**
 * The shape of a residual network (He et al. 2015, arXiv:1512.03385) as torchvision builds it: a bottleneck strides in its 3 x 3
 * convolution. Needs no libtorch.
 */

export interface ResNetConfig {
  readonly model_type: 'resnet'
  /** Two convolutions of 3 x 3, or one between two of 1 x 1. */
  readonly block: 'basic' | 'bottleneck'
  /** How many in each of the four stages. */
  readonly blocks: readonly [number, number, number, number]
  /** Channels inside the blocks of the first stage; each stage has twice those of the one before. Default: 64. */
  readonly width?: number
  /** Pixels that go in. */
  readonly input: { readonly channels: number; readonly height: number; readonly width: number }
  readonly classes: number
  /** What comes before the blocks. Default: torchvision's, for images of some 200 pixels. */
  readonly stem?: Partial<ResNetStem>
  /** Each block is the identity at first: the weights of its last norm begin at 0 (arXiv:1706.02677). Default: false. */
  readonly zeroInitResidual?: boolean
}

export interface ResNetStem {
  /** Kernel size of its convolution, odd; the padding is half of it, rounded down. Default: 7. */
  readonly kernel: number
  /** Default: 2. */
  readonly stride: number
  /** Whether maxima of 3 x 3, 2 apart, follow. Default: true. */
  readonly pool: boolean
}

export type ResNetDepth = 18 | 34 | 50 | 101 | 152

const depths: Readonly<Record<ResNetDepth, Pick<ResNetConfig, 'block' | 'blocks'>>> = {
  18: { block: 'basic', blocks: [2, 2, 2, 2] },
  34: { block: 'basic', blocks: [3, 4, 6, 3] },
  50: { block: 'bottleneck', blocks: [3, 4, 6, 3] },
  101: { block: 'bottleneck', blocks: [3, 4, 23, 3] },
  152: { block: 'bottleneck', blocks: [3, 8, 36, 3] },
}

/** What a depth leaves to say. */
export type ResNetOptions = Omit<ResNetConfig, 'model_type' | 'block' | 'blocks'>

/**
 * ResNet-18, -34, -50, -101 or -152.
 *
 * @example
 * ```ts
 * import { resNetConfig } from '@hadal/nn'
 *
 * resNetConfig(50, { input: { channels: 3, height: 224, width: 224 }, classes: 1_000 }).block // → 'bottleneck'
 * ```
 */
export const resNetConfig = (depth: ResNetDepth, options: ResNetOptions): ResNetConfig => ({
  model_type: 'resnet',
  ...depths[depth],
  ...options,
})

/** @internal */
export const isResNetConfig = (config: object): config is ResNetConfig =>
  'model_type' in config && config.model_type === 'resnet'

/** As torchvision has it. */
export const resNetStem: ResNetStem = { kernel: 7, stride: 2, pool: true }
export const resNetWidth = 64

export const stemOf = ({ stem }: Pick<ResNetConfig, 'stem'>): ResNetStem => ({ ...resNetStem, ...stem })

/** Channels that a block gives, by those inside it. */
export const expansionOf = ({ block }: Pick<ResNetConfig, 'block'>): number => (block === 'basic' ? 1 : 4)

/** One block by the input. */
export interface ResNetBlockShape {
  /** `layer1.0` */
  readonly name: string
  readonly inputs: number
  /** Channels inside it. */
  readonly planes: number
  readonly outputs: number
  readonly stride: number
  /** Whether the way past it is a convolution and its norm. */
  readonly hasDownsample: boolean
}

/** Every block in order. */
export function* resNetBlocks(config: ResNetConfig): Generator<ResNetBlockShape, void> {
  const { blocks, width = resNetWidth } = config
  let inputs = width
  for (const [stage, count] of blocks.entries())
    for (let index = 0; index < count; index += 1) {
      const planes = width * 2 ** stage
      const outputs = planes * expansionOf(config)
      const stride = stage > 0 && index === 0 ? 2 : 1
      const hasDownsample = stride > 1 || inputs !== outputs
      yield { name: `layer${stage + 1}.${index}`, inputs, planes, outputs, stride, hasDownsample }
      inputs = outputs
    }
}
