/** What can go wrong when images and texts are embedded to be measured. */

import { defineError, type ErrorMaker } from '@hadal/base'
import type { SkippedRow } from '@hadal/train'

const mostNamed = 8

export const nothingToEmbed: ErrorMaker<[path: string, skipped: readonly SkippedRow[]]> = defineError({
  code: 'no_usable_images',
  status: 400,
  when: 'No image of those that a command was given can be used.',
  message: (path, skipped) =>
    `there is no usable image in ${path}${skipped
      .slice(0, mostNamed)
      .map(({ place, reason }) => `\n  - ${place}: ${reason}`)
      .join('')}${skipped.length > mostNamed ? `\n  - and ${skipped.length - mostNamed} more` : ''}`,
  help: 'Give rows such as {"image": "cat.jpg", "caption": "a cat"} with paths relative to the file, or a folder of images with a text of the same name beside each.',
})
