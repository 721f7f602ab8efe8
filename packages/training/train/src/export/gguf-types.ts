/**
 * Which type each tensor of a GGUF file gets. As llama.cpp's own quantizer does it (`llama_tensor_get_type_impl`): vectors and
 * routers stay in F32, and with four bits the head and every third or so of the tensors that suffer most get six.
 */

import { type FloatType, fallbackType } from '@hadal/formats'
import type { UntypedTensor } from './gguf-parts.ts'

/** `Q4_K` is the mix that llama.cpp calls Q4_K_M. */
export type GgufPrecision = 'F32' | 'F16' | 'BF16' | 'Q8_0' | 'Q4_0' | 'Q4_K'

/** llama.cpp's numbers for `general.file_type`. */
export const fileTypes: Readonly<Record<GgufPrecision, number>> = {
  F32: 0,
  F16: 1,
  Q4_0: 2,
  Q8_0: 7,
  Q4_K: 15,
  BF16: 32,
}

export interface TypeChoice {
  readonly precision: GgufPrecision
  readonly layers: number
  /** The embedding is the head as well. */
  readonly tied: boolean
}

export function tensorType({ name, shape }: UntypedTensor, choice: TypeChoice): FloatType {
  if (shape.length === 1 || name.endsWith('.ffn_gate_inp.weight')) return 'F32'
  return fallbackType(wanted(name, choice), shape.at(-1)!)
}

function wanted(name: string, { precision, layers, tied }: TypeChoice): FloatType {
  const fourBits = precision === 'Q4_0' || precision === 'Q4_K'
  if (fourBits && name === (tied ? 'token_embd.weight' : 'output.weight')) return 'Q6_K'
  if (precision !== 'Q4_K') return precision
  const [, layer] =
    /^blk\.(\d+)\.(?:attn_v|attn_v_b|ffn_down|ffn_down_exps|ffn_down_shexp)\.weight$/.exec(name) ?? []
  return layer !== undefined && deservesMore(Number(layer), layers) ? 'Q6_K' : 'Q4_K'
}

/** llama.cpp's `use_more_bits`: the first and last eighth of the layers and every third between. */
function deservesMore(layer: number, layers: number): boolean {
  const eighth = Math.floor(layers / 8)
  return layer < eighth || layer >= Math.floor((7 * layers) / 8) || (layer - eighth) % 3 === 2
}
