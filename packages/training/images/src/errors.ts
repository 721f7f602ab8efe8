/** Errors of an image. Each error names the file, or what the caller calls the bytes, and the reason. */

import { defineError, type ErrorMaker, formatBytes, isHadalError } from '@hadal/base'

export const imageNotFound: ErrorMaker<[name: string]> = defineError({
  code: 'image_not_found',
  status: 400,
  when: 'The path of an image does not exist.',
  message: (name) => `the image ${name} does not exist`,
  help: 'Check the path. In data files, paths are relative to the file that contains them.',
})

export const imageUnreadable: ErrorMaker<[name: string, reason: string]> = defineError({
  code: 'image_unreadable',
  status: 400,
  when: 'An image path exists but cannot be read: it is a folder, or permission is denied.',
  message: (name, reason) => `cannot read the image ${name}: ${reason}`,
  help: 'Check that the path is a file and that this user can read it.',
})

export const imageInvalid: ErrorMaker<[name: string, reason: string]> = defineError({
  code: 'image_invalid',
  status: 400,
  when: 'An image cannot be decoded: it is empty, truncated, damaged or not an image.',
  message: (name, reason) => `cannot decode the image ${name}: ${reason}`,
  help: 'Open it in an image viewer. If it does not display completely, copy or export it again.',
})

export const imageFormatUnsupported: ErrorMaker<[name: string, format: string]> = defineError({
  code: 'image_format_unsupported',
  status: 400,
  when: 'The image has an unsupported format.',
  message: (name, format) => `the image ${name} is ${format}, which is not supported`,
  help: 'Convert it to PNG, JPEG, WebP, GIF, AVIF or SVG. The format is detected from the content, not the extension.',
})

export const imageTooManyBytes: ErrorMaker<[name: string, bytes: number, maxBytes: number]> = defineError({
  code: 'image_too_many_bytes',
  status: 413,
  when: 'An image file exceeds the size limit.',
  message: (name, bytes, maxBytes) =>
    `the image ${name} has ${formatBytes(bytes)}; the limit is ${formatBytes(maxBytes)}`,
  help: 'Reduce the image, or raise the byte limit if you trust its source.',
})

export const imageTooManyPixels: ErrorMaker<
  [name: string, width: number, height: number, maxPixels: number]
> = defineError({
  code: 'image_too_many_pixels',
  status: 413,
  when: 'The header of an image declares more pixels than the limit. Small files can expand to gigabytes.',
  message: (name, width, height, maxPixels) =>
    `the image ${name} has ${width} x ${height} pixels; the limit is ${maxPixels} in total`,
  help: 'Reduce the image, or raise maxPixels if you trust its source.',
})

export const imageTooSlow: ErrorMaker<[name: string, timeoutMs: number]> = defineError({
  code: 'image_too_slow',
  status: 400,
  when: 'Decoding an image exceeded the time limit.',
  message: (name, timeoutMs) => `the image ${name} was not decoded within ${timeoutMs} ms`,
  help: 'Simplify it (SVG drawings can nest very deeply), or raise timeoutMs if you trust its source.',
})

export const imageOptionInvalid: ErrorMaker<[option: string, value: unknown, wanted: string]> = defineError({
  code: 'image_option_invalid',
  status: 400,
  when: 'An option of image decoding, augmentation or caching is outside its range.',
  message: (option, value, wanted) => `${option} is ${JSON.stringify(value)}; it must be ${wanted}`,
  help: 'Correct the option that the message names.',
})

export const imageCacheUnwritable: ErrorMaker<[folder: string, reason: string]> = defineError({
  code: 'image_cache_unwritable',
  status: 500,
  when: 'The cache folder for decoded images cannot be written to.',
  message: (folder, reason) => `cannot cache decoded images in ${folder}: ${reason}`,
  help: 'Name a writable folder, or leave it out and give the cache more memory.',
})

export const imagesUnavailable: ErrorMaker<[reason: string]> = defineError({
  code: 'images_unavailable',
  status: 501,
  when: 'The image decoder sharp cannot be loaded on this machine.',
  message: (reason) => `cannot decode images: sharp failed to load: ${reason}`,
  help: 'Install it with its binary for this platform: npm install --include=optional sharp.',
})

/** @internal */
export const idxInvalid: ErrorMaker<[name: string, why: string]> = defineError({
  code: 'image_idx_invalid',
  status: 400,
  when: 'A data set file in IDX format (MNIST, Fashion-MNIST) is truncated, has another element type, or is not an IDX file.',
  message: (name, why) => `${name} is not an IDX file of bytes: ${why}`,
  help: 'Download the file again, gzipped or not.',
})

/** @internal */
export const fashionMnistMissing: ErrorMaker<[path: string]> = defineError({
  code: 'image_fashion_mnist_missing',
  status: 400,
  when: 'A Fashion-MNIST file is missing in the folder.',
  message: (path) =>
    `${path} does not exist: apt-get install dataset-fashion-mnist, or name the folder that contains it`,
  help: 'Pass the folder to the recipe with -- --data FOLDER. It must contain the four gzipped files under their original names.',
})

/** @internal */
export const imagesUnlike: ErrorMaker<[images: readonly number[], labels: readonly number[]]> = defineError({
  code: 'image_labels_unlike',
  status: 400,
  when: 'A labels file does not match its images file, or the images have a different size.',
  message: (images, labels) => `images of shape [${images}] do not match labels of shape [${labels}]`,
  help: 'Use both files from the same distribution.',
})

const aboutOneImage: ReadonlySet<string> = new Set(
  [
    imageNotFound,
    imageUnreadable,
    imageInvalid,
    imageFormatUnsupported,
    imageTooManyBytes,
    imageTooManyPixels,
    imageTooSlow,
  ].map((maker) => maker.spec.code),
)

/**
 * Whether the error is about one image, so that others may still decode: skip, count and report it.
 *
 * @internal
 */
export function isImageError(error: unknown): boolean {
  return isHadalError(error) && aboutOneImage.has(error.code)
}
