/** Errors of image-caption data as a whole; issues of single rows are in `skipped`. */

import { defineError, type ErrorMaker } from '@hadal/base'
import type { SkippedRow } from './image-text.ts'

const maxNamed = 8

export const imageChanged: ErrorMaker<[name: string]> = defineError({
  code: 'train_image_changed',
  status: 409,
  when: 'An image file changed after the run started, and its pixels are not cached.',
  message: (name) => `the image ${name} has changed since the run started`,
  help: 'Restore the file and resume the run, or start a new run with the current files. With a larger `cache`, each file is read only once.',
})

/** @internal */
export const noUsableImages: ErrorMaker<[where: string, skipped: readonly SkippedRow[]]> = defineError({
  code: 'train_no_usable_images',
  status: 400,
  when: 'None of the images is usable: they do not exist, cannot be decoded, or have no caption.',
  message: (where, skipped) => {
    const lines = skipped.slice(0, maxNamed).map(({ place, reason }) => `\n  - ${place}: ${reason}`)
    const more = skipped.length > maxNamed ? `\n  - and ${skipped.length - maxNamed} more` : ''
    return `no usable image in ${where}${lines.join('')}${more}`
  },
  help: 'Provide rows such as {"image": "cat.jpg", "caption": "a cat"} with paths relative to the file, or a folder of images, each with a text file of the same name.',
})
