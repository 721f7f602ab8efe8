/** GGUF metadata values with their exact types, which llama.cpp insists on: 10000 as a float32 is not 10000 as a uint32. */

/** In the order of their numbers in the format. */
export const valueTypes = [
  'uint8',
  'int8',
  'uint16',
  'int16',
  'uint32',
  'int32',
  'float32',
  'bool',
  'string',
  'array',
  'uint64',
  'int64',
  'float64',
] as const

export type GgufValueType = (typeof valueTypes)[number]

export type GgufValue =
  | {
      readonly type: 'uint8' | 'int8' | 'uint16' | 'int16' | 'uint32' | 'int32' | 'float32' | 'float64'
      readonly value: number
    }
  | { readonly type: 'uint64' | 'int64'; readonly value: bigint }
  | { readonly type: 'bool'; readonly value: boolean }
  | { readonly type: 'string'; readonly value: string }
  | GgufArray

/** `value` holds plain items of type `of`; nested arrays are `GgufArray`s. */
export interface GgufArray {
  readonly type: 'array'
  readonly of: GgufValueType
  readonly value: GgufItems
}

export type GgufItems =
  | readonly number[]
  | readonly bigint[]
  | readonly boolean[]
  | readonly string[]
  | readonly GgufArray[]

export type GgufMetadata = Readonly<Record<string, GgufValue>>

type Make<T, V = GgufValue> = (value: T) => V

/**
 * Builds metadata values: `{ 'llama.block_count': gguf.uint32(8), 'llama.rope.freq_base': gguf.float32(10000) }`.
 *
 * @example
 * ```ts
 * import { gguf } from '@hadal/formats'
 *
 * gguf.string('llama') // → { type: 'string', value: 'llama' }
 * gguf.uint32(4096) // → { type: 'uint32', value: 4096 }
 * ```
 */
export const gguf: {
  readonly string: Make<string>
  readonly bool: Make<boolean>
  readonly uint32: Make<number>
  readonly int32: Make<number>
  readonly uint64: Make<number | bigint>
  readonly float32: Make<number>
  readonly strings: Make<readonly string[], GgufArray>
  readonly int32s: Make<readonly number[], GgufArray>
  readonly uint32s: Make<readonly number[], GgufArray>
  readonly float32s: Make<readonly number[], GgufArray>
  readonly bools: Make<readonly boolean[], GgufArray>
} = {
  string: (value) => ({ type: 'string', value }),
  bool: (value) => ({ type: 'bool', value }),
  uint32: (value) => ({ type: 'uint32', value }),
  int32: (value) => ({ type: 'int32', value }),
  uint64: (value) => ({ type: 'uint64', value: BigInt(value) }),
  float32: (value) => ({ type: 'float32', value }),
  strings: (value) => ({ type: 'array', of: 'string', value }),
  int32s: (value) => ({ type: 'array', of: 'int32', value }),
  uint32s: (value) => ({ type: 'array', of: 'uint32', value }),
  float32s: (value) => ({ type: 'array', of: 'float32', value }),
  bools: (value) => ({ type: 'array', of: 'bool', value }),
}
