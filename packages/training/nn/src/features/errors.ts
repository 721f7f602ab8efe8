/** Errors of features that are computed from images. */

import { defineError, type ErrorMaker } from '@hadal/base'

export const scatteringSize: ErrorMaker<
  [size: readonly [height: number, width: number], scales: number, least: number]
> = defineError({
  code: 'nn_scattering_size',
  status: 400,
  when: 'The images are too small for the scattering transform, or their sides cannot be halved once per scale.',
  message: ([height, width], scales, least) =>
    `cannot scatter images of ${height} x ${width} over ${scales} scales: sides must be multiples of ${2 ** scales} and at least ${least}`,
  help: 'Resize or pad the images, or use fewer scales.',
})
