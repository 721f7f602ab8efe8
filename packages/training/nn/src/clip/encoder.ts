/**
 * The transformer of both encoders. Field names match the parameter names of a Hugging Face checkpoint.
 *
 * Shapes: b batch, t time or patches, d hidden, h heads, e head width.
 */

import { attentionHeads, type DType, type Tensor, torch } from '@hadal/tensor'
import { Linear } from '../layers.ts'
import { Module } from '../module.ts'
import { LayerNorm } from '../normalization.ts'
import type { LayerPart, RunParts } from '../tape/layer-part.ts'
import type { ClipActivation, ClipEncoderConfig } from './config.ts'

class SelfAttention extends Module {
  readonly kProj: Linear
  readonly vProj: Linear
  readonly qProj: Linear
  readonly outProj: Linear
  readonly #heads: number
  readonly #causal: boolean

  constructor({ hidden_size: d, num_attention_heads }: ClipEncoderConfig, causal: boolean, dtype: DType) {
    super()
    this.#heads = num_attention_heads
    this.#causal = causal
    this.kProj = new Linear(d, d, dtype, true)
    this.vProj = new Linear(d, d, dtype, true)
    this.qProj = new Linear(d, d, dtype, true)
    this.outProj = new Linear(d, d, dtype, true)
  }

  /** [b, t, d] to queries, keys and values, each the same. */
  project(x_btd: Tensor): readonly Tensor[] {
    return [this.qProj.forward(x_btd), this.kProj.forward(x_btd), this.vProj.forward(x_btd)]
  }

  /** The heads' output, [b, t, d], for `outProj`. In fp32, like decoder attention. */
  mix([q, k, v]: readonly Tensor[]): Tensor {
    const heads = { heads: this.#heads }
    const y_bhte = torch.scaledDotProductAttention(
      attentionHeads(q!, heads),
      attentionHeads(k!, heads),
      attentionHeads(v!, heads),
      { isCausal: this.#causal },
    )
    return y_bhte.transpose(1, 2).reshape(q!.shape).to(q!.dtype)
  }
}

class Mlp extends Module {
  readonly fc1: Linear
  readonly fc2: Linear

  constructor({ hidden_size: d, intermediate_size }: ClipEncoderConfig, dtype: DType) {
    super()
    this.fc1 = new Linear(d, intermediate_size, dtype, true)
    this.fc2 = new Linear(intermediate_size, d, dtype, true)
  }
}

const activations: Readonly<Record<ClipActivation, (x: Tensor) => Tensor>> = {
  gelu: (x) => torch.gelu(x),
  quick_gelu: (x) => x.mul(torch.sigmoid(x.mul(1.702))),
}

class EncoderLayer extends Module {
  readonly selfAttn: SelfAttention
  readonly layerNorm1: LayerNorm
  readonly mlp: Mlp
  readonly layerNorm2: LayerNorm
  readonly #activate: (x: Tensor) => Tensor

  constructor(config: ClipEncoderConfig, causal: boolean, dtype: DType) {
    super()
    const { hidden_size, layer_norm_eps, hidden_act } = config
    this.selfAttn = new SelfAttention(config, causal, dtype)
    this.layerNorm1 = new LayerNorm(hidden_size, layer_norm_eps, dtype)
    this.mlp = new Mlp(config, dtype)
    this.layerNorm2 = new LayerNorm(hidden_size, layer_norm_eps, dtype)
    this.#activate = activations[hidden_act]
  }

  /** Its two halves, one after the other. */
  parts(layer: number): readonly LayerPart[] {
    const { selfAttn, layerNorm1, mlp, layerNorm2 } = this
    return [
      {
        layer,
        kind: 'attention',
        project: (x) => selfAttn.project(layerNorm1.forward(x)),
        mix: (projected) => selfAttn.mix(projected),
        last: selfAttn.outProj,
        leave: undefined,
      },
      {
        layer,
        kind: 'mlp',
        project: (x) => [mlp.fc1.forward(layerNorm2.forward(x))],
        mix: ([x]) => this.#activate(x!),
        last: mlp.fc2,
        leave: undefined,
      },
    ]
  }
}

export class Encoder extends Module {
  readonly layers: readonly EncoderLayer[]

  constructor(config: ClipEncoderConfig, causal: boolean, dtype: DType) {
    super()
    this.layers = Array.from(
      { length: config.num_hidden_layers },
      () => new EncoderLayer(config, causal, dtype),
    )
  }

  /** [b, t, d] to the same. */
  forward(x_btd: Tensor, runParts: RunParts): Tensor {
    return runParts(
      this.layers.flatMap((layer, index) => layer.parts(index)),
      x_btd,
      [],
    )
  }
}
