/** What can be wrong with what a dual tower model is given, and with the files that it is kept in. */

import { defineError, type ErrorMaker } from '@hadal/base'

export const imagesMisshapen: ErrorMaker<[shape: readonly number[], size: number]> = defineError({
  code: 'nn_images_misshapen',
  status: 400,
  when: 'Images given to an image tower do not have the size that it was built for.',
  message: (shape, size) => `pixels have shape [${shape}]; the tower reads [images, 3, ${size}, ${size}]`,
  help: 'Scale the images to image_size of vision_config: three planes, red, green and blue.',
})

export const clipFolderTaken: ErrorMaker<[folder: string, file: string]> = defineError({
  code: 'nn_clip_folder_taken',
  status: 409,
  when: 'A dual tower model is to be written beside one in another layout of files: readers would take one for the other.',
  message: (folder, file) => `${folder} holds ${file}, of a model in another layout`,
  help: 'Write it into a folder of its own, or delete the model that is there.',
})

export const clipLayoutUnsupported: ErrorMaker<[layout: string, faults: readonly string[]]> = defineError({
  code: 'nn_clip_layout_unsupported',
  status: 400,
  when: 'A dual tower model is written in a layout of files that cannot express it.',
  message: (layout, faults) =>
    `the layout ${layout} cannot hold this model:${faults.map((fault) => `\n  - ${fault}`).join('')}`,
  help: 'Leave the layout out: then one that can hold the model is chosen.',
})
