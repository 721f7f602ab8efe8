/**
 * Turns captioned images into a dual encoder's training data. Every image is decoded once at the start, which finds undecodable
 * ones before the first step and fills the cache. After that a batch is looked up, augmented and normalised.
 */

import { createHash } from 'node:crypto'
import {
  type AugmentationRecipe,
  augmentPixels,
  checkAugmentation,
  type DecodeOptions,
  decodeAll,
  decodeImage,
  drawAugmentation,
  type Fit,
  type ImageLimits,
  isImageError,
  limitsOf,
  type Normalization,
  openPixelCache,
  type PixelCacheOptions,
  type Pixels,
  readImageFile,
  toPlanes,
} from '@hadal/images'
import { type CaptionTokens, captionIds } from '@hadal/nn'
import type { Draw } from '../image-data/image-batch.ts'
import { decodeRows } from './decode-rows.ts'
import { imageChanged, noUsableImages } from './errors.ts'
import type { CaptionedImage, ImageTextData, SkippedRow } from './image-text.ts'
import type { ImageTextPairs } from './image-text-pairs.ts'
import { skippedSummary } from './skipped-summary.ts'
import { splitByImage } from './split-by-image.ts'

export interface MakePairsOptions {
  readonly data: ImageTextData
  /** Width and height of the image encoder's input. */
  readonly imageSize: number
  readonly normalization: Normalization
  readonly tokenizer: { encode(text: string): readonly number[] }
  readonly tokens: CaptionTokens
  /** Default `crop`. */
  readonly fit?: Exclude<Fit, 'whole'>
  /** Background behind transparent pixels. Default white. */
  readonly background?: string
  /** Augmentation of training images. Default: none. */
  readonly augmentation?: AugmentationRecipe
  /** Default: a gigabyte in memory, and no files. */
  readonly cache?: PixelCacheOptions
  readonly limits?: Partial<ImageLimits>
  /** Share of held-out images, chosen by name. Default 0.1. */
  readonly validShare?: number
}

export interface MadePairs {
  readonly train: ImageTextPairs
  readonly valid: ImageTextPairs
  /** Rows of `train` and of `valid`, per image. */
  readonly rows: { readonly train: readonly CaptionedImage[]; readonly valid: readonly CaptionedImage[] }
  readonly skipped: readonly SkippedRow[]
  /** How many were left out, why, and which; a run reports it at its start. Undefined if none was. */
  readonly warning: string | undefined
}

/** Augmented images are kept this factor larger than the encoder's input, so that crops have enough pixels. */
const roomForParts = 1.15

/**
 * Throws `train_no_usable_images` if nothing is left, `image_option_invalid`, `image_cache_unwritable`, and errors of `decodeImage`
 * that are not about one image.
 *
 * @example
 * ```ts
 * import { makeImageTextPairs, readImageText } from '@hadal/train'
 * import { clipNormalization } from '@hadal/images'
 * import { loadTokenizer } from '@hadal/nn'
 *
 * const { train, valid, skipped } = await makeImageTextPairs({
 *   data: readImageText('pairs.jsonl'),
 *   imageSize: 224,
 *   normalization: clipNormalization,
 *   tokenizer: loadTokenizer('models/clip').tokenizer,
 *   tokens: { start: 49_406, end: 49_407, length: 77 },
 *   augmentation: { flip: 0.5 },
 * })
 * ```
 */
export async function makeImageTextPairs(options: MakePairsOptions): Promise<MadePairs> {
  const { data, augmentation, cache: cacheOptions = { maxBytes: 2 ** 30 }, validShare = 0.1 } = options
  if (augmentation) checkAugmentation(augmentation)
  const cache = openPixelCache(cacheOptions)
  const { maxBytes } = limitsOf(options.limits)

  const bytesOf = async ({ image }: CaptionedImage): Promise<Uint8Array> =>
    typeof image === 'string' ? await readImageFile(image, maxBytes) : image
  const digests = new Map<CaptionedImage, string>()
  const decode: DecodeRow = (row, how, known) => {
    const { width, height, fit, background } = how
    const digest = digests.get(row)!
    const key = [digest, width, height, fit, background].join('\n')
    return cache.get(key, async () => {
      const bytes = known ?? (await bytesOf(row))
      if (!known && digestOf(bytes) !== digest) throw imageChanged(pathOrName(row))
      return decodeImage(bytes, { ...how, name: pathOrName(row) })
    })
  }
  const isHeldOut = new Set(splitByImage(data.rows, validShare).valid)
  const decoded = await decodeRows(data, async (row) => {
    const bytes = await bytesOf(row)
    digests.set(row, digestOf(bytes))
    await decode(row, isHeldOut.has(row) ? exactly(options) : atWorkingSize(options), bytes)
  })
  if (decoded.rows.length === 0) throw noUsableImages('the data', decoded.skipped)

  const pairsOf = (rows: readonly CaptionedImage[], varied: boolean): ImageTextPairs => ({
    imageSize: options.imageSize,
    captions: rows.map(({ captions }) => captions.map((text) => [...idsOf(text, options)])),
    padding: options.tokens.pad ?? options.tokens.end,
    fingerprint: fingerprintOf(rows, digests, options, varied),
    load: (images, draw) => load(rows, images, varied ? draw : undefined, options, decode),
  })
  const rows = splitByImage(decoded.rows, validShare)
  const warning = skippedSummary(decoded)
  return {
    train: { ...pairsOf(rows.train, augmentation !== undefined), warning },
    valid: pairsOf(rows.valid, false),
    rows,
    skipped: decoded.skipped,
    warning,
  }
}

/** Through the cache; `bytes` where its file has been read already. Throws `train_image_changed`. */
type DecodeRow = (row: CaptionedImage, how: DecodeOptions, bytes?: Uint8Array) => Promise<Pixels>

const digestOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

const pathOrName = ({ image, name }: CaptionedImage): string => (typeof image === 'string' ? image : name)

const idsOf = (text: string, { tokenizer, tokens }: MakePairsOptions): readonly number[] =>
  captionIds(tokenizer.encode(text), tokens)

function exactly({
  imageSize,
  fit = 'crop',
  background = '#ffffff',
  limits,
}: MakePairsOptions): DecodeOptions {
  return { width: imageSize, height: imageSize, fit, background, ...(limits && { limits }) }
}

/** Whole where parts of it are drawn. */
function atWorkingSize(options: MakePairsOptions): DecodeOptions {
  if (options.augmentation === undefined) return exactly(options)
  const side = Math.ceil(options.imageSize * roomForParts)
  const { fit = 'crop' } = options
  return { ...exactly(options), width: side, height: side, fit: fit === 'crop' ? 'whole' : fit }
}

/** fp32 [images, 3, size, size], normalised. */
async function load(
  rows: readonly CaptionedImage[],
  images: readonly number[],
  draw: Draw | undefined,
  options: MakePairsOptions,
  decode: DecodeRow,
): Promise<Float32Array> {
  const { imageSize, background = '#ffffff', augmentation, normalization } = options
  const pixels = await decodeAll(images, async (image) => {
    const row = rows[image]!
    if (draw === undefined || augmentation === undefined) return decode(row, exactly(options))
    const drawn = drawAugmentation(augmentation, draw.seed, draw.turn, image)
    const whole = await decode(row, atWorkingSize(options))
    return augmentPixels(whole, drawn, { width: imageSize, height: imageSize, background })
  })
  // It decoded when the run began, so an error now must not be skipped.
  for (const each of pixels) if (isImageError(each)) throw each
  return toPlanes(pixels as Pixels[], normalization)
}

function fingerprintOf(
  rows: readonly CaptionedImage[],
  digests: ReadonlyMap<CaptionedImage, string>,
  { imageSize, normalization, fit = 'crop', background = '#ffffff', augmentation }: MakePairsOptions,
  varied: boolean,
): string {
  const how = { imageSize, normalization, fit, background, augmentation: varied ? augmentation : undefined }
  const hash = createHash('sha256').update(JSON.stringify(how))
  for (const row of rows) hash.update(digests.get(row)!)
  return hash.digest('hex')
}
