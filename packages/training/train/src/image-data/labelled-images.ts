/** Labelled images, or precomputed features, in memory. */

export interface LabelledImages {
  /** Shape of one sample: [channels, height, width], or [features]. */
  readonly shape: readonly number[]
  /** All samples, one behind the other. Bytes are read as 0 to 1, floats as they are. */
  readonly pixels: Uint8Array | Float32Array
  /** The class of each, from 0 on. */
  readonly labels: Int32Array
  /** (x - mean) / std of each channel, or feature; one number for all. Left out: x. */
  readonly normalization?: Normalization
  /** Augmentation, used only in training. */
  readonly augmentation?: PixelAugmentation
}

export interface Normalization {
  readonly mean: number | readonly number[]
  readonly std: number | readonly number[]
}

/** Drawn for each view of a sample, as a function of the run's seed, the sample and its draw count. */
export interface PixelAugmentation {
  /** Number of independently augmented views per draw; the sample's loss is their mean (arXiv:2105.13343). Default 1. */
  readonly views?: number
  /** Probability of a horizontal flip. Default 0. */
  readonly flip?: number
  /** Maximum shift in pixels in each direction, with reflection padding. Default 0. */
  readonly shift?: number
}

export const augmentationDefaults: Required<PixelAugmentation> = { views: 1, flip: 0, shift: 0 }

/** Views of each sample in training. */
export const viewsOf = ({ augmentation }: Pick<LabelledImages, 'augmentation'>): number =>
  augmentation?.views ?? augmentationDefaults.views

export const numbersOfSample = ({ shape }: Pick<LabelledImages, 'shape'>): number =>
  shape.reduce((product, size) => product * size, 1)
