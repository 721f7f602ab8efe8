/**
 * Image input of an ONNX file (`hadal.input` of its metadata: bytes times `scale`, minus `mean`, divided by `std`, per channel),
 * and pixels converted to it. Pure.
 */

import type { Pixels } from '@hadal/images'

export interface ImageInput {
  readonly channels: 1 | 3
  readonly height: number
  readonly width: number
  readonly scale: number
  readonly mean: readonly number[]
  readonly std: readonly number[]
}

/** Maximum image side. Metadata may request any size, and each image is resized to it. */
const largestSide = 8192

/** Returns a problem text if invalid. */
export function readImageInput(metadata: Readonly<Record<string, string>>): ImageInput | string {
  const text = metadata['hadal.input']
  if (text === undefined) return 'its metadata has no hadal.input'
  let said: unknown
  try {
    said = JSON.parse(text)
  } catch {
    return 'hadal.input of its metadata is no JSON'
  }
  const { shape, scale = 1 / 255, mean, std } = (said ?? {}) as Readonly<Record<string, unknown>>
  const sizes = Array.isArray(shape) ? shape : []
  const isSize = (size: unknown): boolean => Number.isSafeInteger(size) && Number(size) >= 1
  const [channels, height, width] = sizes as number[]
  if (sizes.length !== 3 || !sizes.every(isSize) || (channels !== 1 && channels !== 3))
    return `it takes ${JSON.stringify(shape)}, which is no picture of one or three channels`
  const listed = (value: unknown, otherwise: number): readonly number[] | undefined => {
    const list = value ?? new Array<number>(channels).fill(otherwise)
    return Array.isArray(list) && list.length === channels && list.every(Number.isFinite) ? list : undefined
  }
  const [means, stds] = [listed(mean, 0), listed(std, 1)]
  if (typeof scale !== 'number' || means === undefined || stds === undefined || stds.includes(0))
    return 'scale, mean or std of hadal.input are not numbers for each channel'
  if (Math.max(height!, width!) > largestSide)
    return `it takes pictures of ${height} by ${width}; the longer side may have ${largestSide} pixels`
  return { channels, height: height!, width: width!, scale, mean: means, std: stds }
}

/** How bright it is (Rec. 601), of a model that sees no colours. */
const brightness: readonly number[] = [0.299, 0.587, 0.114]

/** Planes of each picture, one after another: [images, channels, height, width]. */
export function toInput(
  images: readonly Pixels[],
  { channels, scale, mean, std, width, height }: ImageInput,
): Float32Array {
  const plane = width * height
  const planes = new Float32Array(images.length * channels * plane)
  for (const [image, { data }] of images.entries())
    for (let at = 0; at < plane; at += 1) {
      const pixel = [data[3 * at]!, data[3 * at + 1]!, data[3 * at + 2]!]
      const values =
        channels === 3
          ? pixel
          : [Math.round(pixel.reduce((sum, value, colour) => sum + value * brightness[colour]!, 0))]
      for (const [channel, value] of values.entries())
        planes[(image * channels + channel) * plane + at] = (value * scale - mean[channel]!) / std[channel]!
    }
  return planes
}
