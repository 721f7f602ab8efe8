/** What can be wrong with what a dual tower model is given, and with the files that it is kept in. */

import { defineError, type ErrorMaker } from '@hadal/base'

export const imagesMisshapen: ErrorMaker<[shape: readonly number[], size: number]> = defineError({
  code: 'nn_images_misshapen',
  status: 400,
  when: 'Images given to an image tower do not have the size that it was built for.',
  message: (shape, size) => `pixels have shape [${shape}]; the tower reads [images, 3, ${size}, ${size}]`,
  help: 'Scale the images to image_size of vision_config: three planes, red, green and blue.',
})

export const clipLayoutUnsupported: ErrorMaker<[layout: string, faults: readonly string[]]> = defineError({
  code: 'nn_clip_layout_unsupported',
  status: 400,
  when: 'A dual tower model is written in a layout of files that cannot express it.',
  message: (layout, faults) =>
    `the layout ${layout} cannot hold this model:${faults.map((fault) => `\n  - ${fault}`).join('')}`,
  help: 'Leave the layout out: then one that can hold the model is chosen.',
})
