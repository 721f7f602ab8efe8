/** Flags of `hadal export`. */

import type { ActivationObserver } from '@hadal/train'

export type OnnxFlags = {
  /** Rounds weights and activations after training, on samples that the model's folder has. */
  readonly quantize?: 'int8'
  readonly calibrationRows?: string
  readonly observer?: ActivationObserver
  readonly softmax?: boolean
}

export interface ExportFlags extends OnnxFlags {
  readonly format: 'gguf' | 'safetensors' | 'onnx'
  readonly type?: string
  readonly out: string
  /** A folder in the layout of PEFT, taken into the weights unless `adapterOnly`. */
  readonly adapter?: string
  /** Writes the adapter only, for the unmodified model. */
  readonly adapterOnly?: boolean
  readonly name?: string
  readonly json?: boolean
}
