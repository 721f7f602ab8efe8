/**
 * Augmentation settings, and the random draw for one sample. Pure: the same seed, epoch and index give the same numbers,
 * independent of earlier draws. `augmentPixels` applies them.
 */

import { imageOptionInvalid } from './errors.ts'
import type { Size } from './fit-image.ts'
import { randomNumbers } from './random-numbers.ts'

export interface AugmentationRecipe {
  /** A part of the image with at least this share of its area, stretched by at most `maxAspect` either way. */
  readonly crop?: { readonly minArea: number; readonly maxAspect?: number }
  /** The probability of a mirror image. */
  readonly flip?: number
  /** Maximum degrees, either way. */
  readonly rotation?: number
  /** Factors from 1 - x to 1 + x. */
  readonly brightness?: number
  readonly contrast?: number
  readonly saturation?: number
  /** Maximum degrees around the colour circle, either way. */
  readonly hue?: number
}

/** The drawn values. Plain numbers, so they can be logged, compared and repeated. */
export interface Augmentation {
  /** Share of the image's area. */
  readonly area: number
  /** Width / height of the part, relative to the requested ratio. */
  readonly aspect: number
  /** Where the part lies in the room that there is: 0 left or top, 1 right or bottom. */
  readonly across: number
  readonly down: number
  readonly flip: boolean
  /** Degrees, clockwise. */
  readonly rotation: number
  readonly brightness: number
  readonly contrast: number
  readonly saturation: number
  /** Degrees. */
  readonly hue: number
}

/**
 * Always as many numbers, so switching one part off leaves the others as they were.
 *
 * @example
 * ```ts
 * import { drawAugmentation } from '@hadal/images'
 *
 * const first = drawAugmentation({ flip: 0.5, rotation: 10 }, 42, 0, 7) // seed, epoch, image
 * first.rotation === drawAugmentation({ flip: 0.5, rotation: 10 }, 42, 0, 7).rotation // → true
 * ```
 */
export function drawAugmentation(
  recipe: AugmentationRecipe,
  seed: number,
  epoch: number,
  index: number,
): Augmentation {
  const next = randomNumbers(seed, epoch, index)
  const between = (low: number, high: number) => low + (high - low) * next()
  const around = (middle: number, reach = 0) => between(middle - reach, middle + reach)
  const { minArea = 1, maxAspect = recipe.crop ? 4 / 3 : 1 } = recipe.crop ?? {}
  return {
    area: between(minArea, 1),
    aspect: Math.exp(around(0, Math.log(maxAspect))),
    across: next(),
    down: next(),
    flip: next() < (recipe.flip ?? 0),
    rotation: around(0, recipe.rotation),
    brightness: around(1, recipe.brightness),
    contrast: around(1, recipe.contrast),
    saturation: around(1, recipe.saturation),
    hue: around(0, recipe.hue),
  }
}

/**
 * The part of an image that is kept, for a result of the size wanted. As torchvision's RandomResizedCrop, but a part that is
 * longer than the image is cut to it instead of drawn again.
 */
export function partOfImage(
  image: Size,
  wanted: Size,
  { area, aspect, across, down }: Augmentation,
): Size & {
  readonly left: number
  readonly top: number
} {
  const shape = (wanted.width / wanted.height) * aspect
  const whole = image.width * image.height * area
  const side = (length: number, most: number) => Math.min(most, Math.max(1, Math.round(length)))
  const width = side(Math.sqrt(whole * shape), image.width)
  const height = side(Math.sqrt(whole / shape), image.height)
  return {
    width,
    height,
    left: Math.round((image.width - width) * across),
    top: Math.round((image.height - height) * down),
  }
}

/**
 * Throws image_option_invalid for the first option that is outside its range.
 *
 * @example
 * ```ts
 * import { checkAugmentation } from '@hadal/images'
 *
 * checkAugmentation({ flip: 0.5, hue: 0.1 })
 * checkAugmentation({ flip: 2 }) // throws image_option_invalid
 * ```
 */
export function checkAugmentation(recipe: AugmentationRecipe): void {
  const check = (option: string, value: number | undefined, low: number, high: number) => {
    if (value === undefined || (value >= low && value <= high)) return
    throw imageOptionInvalid(`augmentation.${option}`, value, `a number from ${low} to ${high}`)
  }
  check('crop.minArea', recipe.crop?.minArea, 0.01, 1)
  check('crop.maxAspect', recipe.crop?.maxAspect, 1, 4)
  check('flip', recipe.flip, 0, 1)
  check('rotation', recipe.rotation, 0, 180)
  for (const option of ['brightness', 'contrast', 'saturation'] as const) check(option, recipe[option], 0, 1)
  check('hue', recipe.hue, 0, 180)
}
