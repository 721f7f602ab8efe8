export { type AugmentOptions, augmentPixels } from './augment-pixels.ts'
export {
  type Augmentation,
  type AugmentationRecipe,
  checkAugmentation,
  drawAugmentation,
} from './augmentation.ts'
export { type Decoded, decodeAll } from './decode-all.ts'
export { type DecodeOptions, decodeImage } from './decode-image.ts'
export { encodeWebp } from './encode-image.ts'
export { fashionMnistMissing, idxInvalid, imagesUnlike, isImageError } from './errors.ts'
export {
  type FashionImages,
  fashionImages,
  fashionMnist,
  readFashionMnist,
  someFashionImages,
} from './fashion-mnist.ts'
export { type Fit, type Fitted, fitImage, type Size } from './fit-image.ts'
export { type Idx, parseIdx, readIdx } from './idx.ts'
export { type FoundFormat, findFormat, type ImageFormat } from './image-format.ts'
export { defaultLimits, type ImageLimits, limitsOf } from './limits.ts'
export { clipNormalization, type Normalization, siglipNormalization, toPlanes } from './normalize.ts'
export { decodeCached, openPixelCache, type PixelCache, type PixelCacheOptions } from './pixel-cache.ts'
export type { Pixels } from './pixels.ts'
export { readImageFile } from './read-image-file.ts'
