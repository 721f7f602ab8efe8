/** Metadata in an ONNX file on the pixels that it reads and its classes, so that serving needs no configuration. */

import type { Normalization } from '../../image-data/labelled-images.ts'

export interface ImageFacts {
  /** Shape of one sample: [channels, height, width] or [features]. */
  readonly shape: readonly number[]
  /** Multiplier of bytes. Default: 1 / 255, as in runs. */
  readonly scale?: number
  /** Per channel, after scaling: (x - mean) / std. */
  readonly normalization?: Normalization
  readonly classNames?: readonly string[]
}

/** `metadata_props`, each value as JSON but for plain words. */
export function imageMetadata(
  { shape, scale = 1 / 255, normalization, classNames }: ImageFacts,
  quantization: string | undefined,
): Map<string, string> {
  const list = (value: number | readonly number[]): readonly number[] =>
    typeof value === 'number' ? new Array<number>(shape[0]!).fill(value) : value
  const { mean, std } = normalization ?? {}
  const input = {
    shape,
    scale,
    ...(mean !== undefined && { mean: list(mean) }),
    ...(std !== undefined && { std: list(std) }),
  }
  return new Map([
    ['hadal.input', JSON.stringify(input)],
    ...(classNames ? [['hadal.classes', JSON.stringify(classNames)] as const] : []),
    ...(quantization === undefined ? [] : [['hadal.quantization', quantization] as const]),
  ])
}
