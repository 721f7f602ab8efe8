/** The element types of both formats and the room that tensors of them take. */

/** Each value on its own. These are the dtypes of safetensors. */
export type PlainType =
  | 'F64'
  | 'F32'
  | 'F16'
  | 'BF16'
  | 'F8_E4M3'
  | 'F8_E5M2'
  | 'F8_E8M0'
  | 'I64'
  | 'I32'
  | 'I16'
  | 'I8'
  | 'U64'
  | 'U32'
  | 'U16'
  | 'U8'
  | 'BOOL'

/** ggml's blocks of quantized values. */
export type BlockType =
  | 'Q4_0'
  | 'Q4_1'
  | 'Q5_0'
  | 'Q5_1'
  | 'Q8_0'
  | 'Q8_1'
  | 'Q2_K'
  | 'Q3_K'
  | 'Q4_K'
  | 'Q5_K'
  | 'Q6_K'
  | 'Q8_K'
  | 'IQ1_S'
  | 'IQ1_M'
  | 'IQ2_XXS'
  | 'IQ2_XS'
  | 'IQ2_S'
  | 'IQ3_XXS'
  | 'IQ3_S'
  | 'IQ4_NL'
  | 'IQ4_XS'
  | 'TQ1_0'
  | 'TQ2_0'
  | 'MXFP4'

export type ElementType = PlainType | BlockType

const blocks: Readonly<Record<ElementType, readonly [values: number, bytes: number]>> = {
  F64: [1, 8],
  F32: [1, 4],
  F16: [1, 2],
  BF16: [1, 2],
  F8_E4M3: [1, 1],
  F8_E5M2: [1, 1],
  F8_E8M0: [1, 1],
  I64: [1, 8],
  I32: [1, 4],
  I16: [1, 2],
  I8: [1, 1],
  U64: [1, 8],
  U32: [1, 4],
  U16: [1, 2],
  U8: [1, 1],
  BOOL: [1, 1],
  Q4_0: [32, 18],
  Q4_1: [32, 20],
  Q5_0: [32, 22],
  Q5_1: [32, 24],
  Q8_0: [32, 34],
  Q8_1: [32, 36],
  Q2_K: [256, 84],
  Q3_K: [256, 110],
  Q4_K: [256, 144],
  Q5_K: [256, 176],
  Q6_K: [256, 210],
  Q8_K: [256, 292],
  IQ1_S: [256, 50],
  IQ1_M: [256, 56],
  IQ2_XXS: [256, 66],
  IQ2_XS: [256, 74],
  IQ2_S: [256, 82],
  IQ3_XXS: [256, 98],
  IQ3_S: [256, 110],
  IQ4_NL: [32, 18],
  IQ4_XS: [256, 136],
  TQ1_0: [256, 54],
  TQ2_0: [256, 66],
  MXFP4: [32, 17],
}

export const valuesPerBlock = (type: ElementType): number => blocks[type][0]
export const bytesPerBlock = (type: ElementType): number => blocks[type][1]

/** Undefined when a dimension is no size, or the product is beyond 2^53. */
export function valueCount(shape: readonly number[]): number | undefined {
  if (!shape.every((size) => Number.isSafeInteger(size) && size >= 0)) return undefined
  // Zero first: [2^40, 2^40, 0] is an empty tensor, not an overflow.
  if (shape.includes(0)) return 0
  const count = shape.reduce((product, size) => product * size, 1)
  return Number.isSafeInteger(count) ? count : undefined
}

/**
 * Undefined when the count is unknown, too large, or the rows do not fill whole blocks.
 *
 * @example
 * ```ts
 * import { byteCount } from '@hadal/formats'
 *
 * byteCount('F16', [2, 3]) // → 12
 * byteCount('Q8_0', [1, 32]) // → 34
 * ```
 */
export function byteCount(type: ElementType, shape: readonly number[]): number | undefined {
  const [values, bytes] = blocks[type]
  const count = valueCount(shape)
  if (count === undefined || (shape.at(-1) ?? 1) % values !== 0) return undefined
  const total = (count / values) * bytes
  return Number.isSafeInteger(total) ? total : undefined
}

export const show = (shape: readonly number[]): string => `[${shape.join(', ')}]`
