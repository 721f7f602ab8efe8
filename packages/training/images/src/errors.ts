/** Errors of an image. Each error names the file, or what the caller calls the bytes, and the reason. */

import { defineError, type ErrorMaker, formatBytes, isHadalError } from '@hadal/base'

export const imageNotFound: ErrorMaker<[name: string]> = defineError({
  code: 'image_not_found',
  status: 400,
  when: 'The path of an image does not exist.',
  message: (name) => `there is no image at ${name}`,
  help: 'Check the path; in data files, paths are relative to the file that names them.',
})

export const imageUnreadable: ErrorMaker<[name: string, reason: string]> = defineError({
  code: 'image_unreadable',
  status: 400,
  when: 'An image path exists but cannot be read: it is a folder, or permission is denied.',
  message: (name, reason) => `cannot read the image ${name}: ${reason}`,
  help: 'Check that the path is a file and that it may be read.',
})

export const imageInvalid: ErrorMaker<[name: string, reason: string]> = defineError({
  code: 'image_invalid',
  status: 400,
  when: 'An image cannot be decoded: it is empty, truncated, damaged or not an image.',
  message: (name, reason) => `the image ${name} does not decode: ${reason}`,
  help: 'Open it in a viewer, and copy or export it again if it does not show whole.',
})

export const imageFormatUnsupported: ErrorMaker<[name: string, format: string]> = defineError({
  code: 'image_format_unsupported',
  status: 400,
  when: 'The image has an unsupported format.',
  message: (name, format) => `the image ${name} is ${format}, which is not read`,
  help: 'Convert it to PNG, JPEG, WebP, GIF, AVIF or SVG; what counts is the content, not the extension.',
})

export const imageTooManyBytes: ErrorMaker<[name: string, bytes: number, maxBytes: number]> = defineError({
  code: 'image_too_many_bytes',
  status: 413,
  when: 'An image file exceeds the size limit.',
  message: (name, bytes, maxBytes) =>
    `the image ${name} has ${formatBytes(bytes)}, the limit is ${formatBytes(maxBytes)}`,
  help: 'Make it smaller, or raise the limit of bytes where you trust its source.',
})

export const imageTooManyPixels: ErrorMaker<
  [name: string, width: number, height: number, maxPixels: number]
> = defineError({
  code: 'image_too_many_pixels',
  status: 413,
  when: 'The header of an image declares more pixels than the limit. Small files can expand to gigabytes.',
  message: (name, width, height, maxPixels) =>
    `the image ${name} has ${width} x ${height} pixels, the limit is ${maxPixels} in all`,
  help: 'Make it smaller, or raise maxPixels where you trust its source.',
})

export const imageTooSlow: ErrorMaker<[name: string, timeoutMs: number]> = defineError({
  code: 'image_too_slow',
  status: 400,
  when: 'Decoding an image exceeded the time limit.',
  message: (name, timeoutMs) => `the image ${name} did not decode within ${timeoutMs} ms`,
  help: 'Simplify it (drawings can nest without end), or raise timeoutMs where you trust its source.',
})

export const imageOptionInvalid: ErrorMaker<[option: string, value: unknown, wanted: string]> = defineError({
  code: 'image_option_invalid',
  status: 400,
  when: 'An option of image decoding, augmentation or caching is outside its range.',
  message: (option, value, wanted) => `${option} is ${JSON.stringify(value)}, wanted is ${wanted}`,
  help: 'Correct the option.',
})

export const imageCacheUnwritable: ErrorMaker<[folder: string, reason: string]> = defineError({
  code: 'image_cache_unwritable',
  status: 500,
  when: 'The cache folder for decoded images cannot be written to.',
  message: (folder, reason) => `cannot keep decoded images in ${folder}: ${reason}`,
  help: 'Check that it is a folder that may be written to, or leave it out and give the cache more memory.',
})

export const imagesUnavailable: ErrorMaker<[reason: string]> = defineError({
  code: 'images_unavailable',
  status: 501,
  when: 'sharp, the image decoder, cannot be loaded on this machine.',
  message: (reason) => `images cannot be decoded here: sharp did not load: ${reason}`,
  help: 'Install it with its part for this platform: npm install --include=optional sharp.',
})

/** @internal */
export const idxInvalid: ErrorMaker<[name: string, why: string]> = defineError({
  code: 'image_idx_invalid',
  status: 400,
  when: 'A data set file in IDX format (MNIST, Fashion-MNIST) is truncated, has another element type, or is not an IDX file.',
  message: (name, why) => `${name} is no IDX file of bytes: ${why}`,
  help: 'Bring the file again; it may be gzipped or not.',
})

/** @internal */
export const fashionMnistMissing: ErrorMaker<[path: string]> = defineError({
  code: 'image_fashion_mnist_missing',
  status: 400,
  when: 'A Fashion-MNIST file is missing in the folder.',
  message: (path) =>
    `${path} is not there: apt-get install dataset-fashion-mnist, or name the folder that has it`,
  help: 'Recipes take the folder as -- --data FOLDER. The four files are named as in the original distribution, gzipped.',
})

/** @internal */
export const imagesUnlike: ErrorMaker<[images: readonly number[], labels: readonly number[]]> = defineError({
  code: 'image_labels_unlike',
  status: 400,
  when: 'A labels file does not match its images file, or the images have a different size.',
  message: (images, labels) => `images of [${images}] do not go with labels of [${labels}]`,
  help: 'Take both files from one distribution.',
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
