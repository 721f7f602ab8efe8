/** Captioned images: readers, the split, decoding, and reports of unusable rows. */

export { type DecodedImageText, decodeRows } from './decode-rows.ts'
export { noUsableImages } from './errors.ts'
export {
  type CaptionedImage,
  type ImageTextData,
  type ImageTextPair,
  imageTextOf,
  type SkippedRow,
} from './image-text.ts'
export { type MadePairs, type MakePairsOptions, makeImageTextPairs } from './make-pairs.ts'
export { isImageFile, readImageText } from './read-image-text.ts'
export { skippedSummary } from './skipped-summary.ts'
export { splitByImage } from './split-by-image.ts'
