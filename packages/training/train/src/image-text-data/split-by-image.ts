/** Splits held-out images by name, so that an image's captions stay together and added data do not move others. */

import { isHeldOut } from '@hadal/nn'
import type { CaptionedImage } from './image-text.ts'

/**
 * Rows apart by a hash of their image's name, so that no image is on both sides.
 * @param share from 0 to 1; a larger one holds out all that a smaller one does
 *
 * @example
 * ```ts
 * import { splitByImage } from '@hadal/train'
 *
 * const { train, valid } = splitByImage([{ name: 'a.jpg' }, { name: 'b.jpg' }, { name: 'a.jpg' }], 0.5)
 * train.length + valid.length // → 3
 * ```
 */
export function splitByImage<Row extends Pick<CaptionedImage, 'name'>>(
  rows: readonly Row[],
  share: number,
): { readonly train: readonly Row[]; readonly valid: readonly Row[] } {
  const part = (held: boolean): Row[] => rows.filter(({ name }) => isHeldOut({ text: name }, share) === held)
  return { train: part(false), valid: part(true) }
}
