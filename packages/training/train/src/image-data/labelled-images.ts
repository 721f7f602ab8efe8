/** Images with a class each, or features that something made of them, in memory. Knows nothing about files or models. */

export interface LabelledImages {
  /** Of one sample: [channels, height, width], or [features]. */
  readonly shape: readonly number[]
  /** All samples, one behind the other. Bytes are read as 0 to 1, floats as they are. */
  readonly pixels: Uint8Array | Float32Array
  /** The class of each, from 0 on. */
  readonly labels: Int32Array
  /** (x - mean) / std of each channel, or feature; one number for all. Left out: x. */
  readonly normalization?: Normalization
  /** How samples differ from draw to draw, in training alone. */
  readonly augmentation?: PixelAugmentation
}

export interface Normalization {
  readonly mean: number | readonly number[]
  readonly std: number | readonly number[]
}

/** Drawn anew for each view of a sample, as a function of the run's seed, the sample and how often it was drawn. */
export interface PixelAugmentation {
  /** Read so many times at once, each view drawn for itself; their mean is the sample's loss (arXiv:2105.13343). Default 1. */
  readonly views?: number
  /** How likely an image is mirrored left to right. Default 0. */
  readonly flip?: number
  /** Pixels by which an image may be moved in each direction; what comes in is its edge, mirrored. Default 0. */
  readonly shift?: number
}

export const augmentationDefaults: Required<PixelAugmentation> = { views: 1, flip: 0, shift: 0 }

/** Of each sample in training. */
export const viewsOf = ({ augmentation }: Pick<LabelledImages, 'augmentation'>): number =>
  augmentation?.views ?? augmentationDefaults.views

export const numbersOfSample = ({ shape }: Pick<LabelledImages, 'shape'>): number =>
  shape.reduce((product, size) => product * size, 1)
