/** Errors of a dual encoder's inputs and files. */

import { defineError, type ErrorMaker } from '@hadal/base'

export const imagesMisshapen: ErrorMaker<[shape: readonly number[], size: number]> = defineError({
  code: 'nn_images_misshapen',
  status: 400,
  when: 'The images do not have the input size of the image encoder.',
  message: (shape, size) =>
    `pixels have shape [${shape}]; the image encoder requires [images, 3, ${size}, ${size}]`,
  help: 'Resize the images to image_size of vision_config, with three channels: red, green and blue.',
})

export const clipFolderTaken: ErrorMaker<[folder: string, file: string]> = defineError({
  code: 'nn_clip_folder_taken',
  status: 409,
  when: 'A CLIP model is to be written into a folder that contains a model in another file layout. Loaders would confuse the two.',
  message: (folder, file) => `${folder} contains ${file}, which belongs to a model in another layout`,
  help: 'Write it into another folder, or delete the existing model.',
})

export const clipLayoutUnsupported: ErrorMaker<[layout: string, issues: readonly string[]]> = defineError({
  code: 'nn_clip_layout_unsupported',
  status: 400,
  when: 'A CLIP model is to be written in a file layout that cannot represent it.',
  message: (layout, issues) =>
    `the layout ${layout} cannot represent this model:${issues.map((issue) => `\n  - ${issue}`).join('')}`,
  help: 'Leave the layout out: a suitable one is chosen automatically.',
})
