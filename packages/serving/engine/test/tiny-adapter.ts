/** LoRA adapters for tests, generated for a given model. */

import {
  type GgufMetadata,
  type GgufTensorType,
  gguf,
  openGguf,
  type TensorSource,
  writeGguf,
} from '@hadal/formats'

export interface TinyAdapterOptions {
  readonly rank?: number
  /** Scale of the update to each matrix, in standard deviations; 0 leaves the model unchanged. */
  readonly strength?: number
  readonly seed?: number
  readonly type?: 'F32' | 'F16' | 'BF16' | 'Q8_0'
  /** Matrices to change. */
  readonly targets?: RegExp
  readonly metadata?: GgufMetadata
  /** Transforms the tensors before they are written. */
  readonly change?: (tensors: readonly AdapterTensor[]) => readonly AdapterTensor[]
}

export type AdapterTensor = TensorSource<GgufTensorType>

const everyMatrix = /^blk\.\d+\.(attn_(q|k|v|output)|ffn_(gate|up|down))\.weight$/

/** A random low-rank update of every matrix of `modelPath`, or of `targets`. */
export function writeAdapter(path: string, modelPath: string, options: TinyAdapterOptions = {}): void {
  const { rank = 2, strength = 1, seed = 1, type = 'F32', targets = everyMatrix } = options
  using model = openGguf(modelPath)
  const random = uniform(seed)
  const matrix = (name: string, shape: readonly number[], size: number): AdapterTensor => ({
    name,
    shape,
    type,
    data: Float32Array.from({ length: shape.reduce((a, b) => a * b) }, () => (random() * 2 - 1) * size),
  })
  const tensors = [...model.tensors.values()]
    .filter(({ name }) => targets.test(name))
    .flatMap(({ name, shape }) => {
      const [rows, columns] = shape.slice(-2) as [number, number]
      const experts = shape.slice(0, -2)
      const size = strength / Math.sqrt(rank)
      // Token matrices are read by rows: `a` holds the rows, and `b` is transposed.
      if (name === 'token_embd.weight')
        return [matrix(`${name}.lora_a`, [rows, rank], 1), matrix(`${name}.lora_b`, [columns, rank], size)]
      return [
        matrix(`${name}.lora_a`, [...experts, rank, columns], 1 / Math.sqrt(columns)),
        matrix(`${name}.lora_b`, [...experts, rows, rank], size),
      ]
    })
  writeGguf(path, {
    metadata: {
      'general.type': gguf.string('adapter'),
      'general.architecture': gguf.string(String(model.get('general.architecture'))),
      'adapter.type': gguf.string('lora'),
      'adapter.lora.alpha': gguf.float32(rank),
      ...options.metadata,
    },
    tensors: options.change?.(tensors) ?? tensors,
  })
}

/** xorshift32. */
function uniform(seed: number): () => number {
  let state = seed
  return () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) / 2 ** 32
  }
}
