/**
 * A decoder of the Llama family (Llama, Qwen2, Qwen3): RMSNorm, rotary positions, grouped-query attention, SwiGLU. Field names
 * match the parameter names of a Hugging Face checkpoint.
 *
 * Shapes: b batch, t time, d hidden, h heads, k key-value heads, e head width, v vocabulary.
 */

import { attentionHeads, type DType, type Tensor, torch } from '@hadal/tensor'
import { CausalDecoder } from './causal-decoder.ts'
import { checkDecoderConfig, type DecoderConfig, headDim } from './decoder-config.ts'
import { feedForwardPart } from './feed-forward-part.ts'
import { Embedding, Linear, RmsNorm, SwiGlu } from './layers.ts'
import { llama3Frequencies } from './llama3-rope.ts'
import { Module } from './module.ts'
import type { Ends, Shard } from './parallel/divided-layers.ts'
import { localConfig } from './parallel/shard.ts'
import { inverseFrequencies, type RotaryTable, rotaryTable } from './rotary.ts'
import { type LayerPart, type RunParts, runAtOnce } from './tape/layer-part.ts'

class Attention extends Module {
  readonly qProj: Linear
  readonly kProj: Linear
  readonly vProj: Linear
  readonly oProj: Linear
  /** Qwen3: queries and keys are normed over each head's width. */
  readonly qNorm: RmsNorm | undefined
  readonly kNorm: RmsNorm | undefined
  readonly #heads: number
  readonly #keyValueHeads: number
  readonly #headDim: number

  constructor(config: DecoderConfig, dtype: DType) {
    super()
    const { hidden_size: d, num_attention_heads: h, num_key_value_heads: k, model_type } = config
    const e = headDim(config)
    this.#heads = h
    this.#keyValueHeads = k
    this.#headDim = e
    const bias = model_type === 'qwen2'
    this.qProj = new Linear(d, h * e, dtype, bias)
    this.kProj = new Linear(d, k * e, dtype, bias)
    this.vProj = new Linear(d, k * e, dtype, bias)
    this.oProj = new Linear(h * e, d, dtype)
    this.qNorm = model_type === 'qwen3' ? new RmsNorm(e, config.rms_norm_eps, dtype) : undefined
    this.kNorm = model_type === 'qwen3' ? new RmsNorm(e, config.rms_norm_eps, dtype) : undefined
  }

  /** [b, t, d] to queries [b, t, h · e], keys and values [b, t, k · e]. */
  project(x_btd: Tensor): readonly Tensor[] {
    return [this.qProj.forward(x_btd), this.kProj.forward(x_btd), this.vProj.forward(x_btd)]
  }

  /** The heads' output, [b, t, h · e], for `oProj`. `mask` from `documentMask`; causal if omitted. */
  mix([q, k, v]: readonly Tensor[], rotary: RotaryTable, mask: Tensor | undefined): Tensor {
    const [b, t] = q!.shape as [number, number, number]
    const normed = (x: Tensor, norm: RmsNorm | undefined): Tensor =>
      norm ? norm.forward(x.view([b, t, -1, this.#headDim])).view(x.shape) : x
    const keyValue = { heads: this.#keyValueHeads, repeats: this.#heads / this.#keyValueHeads }
    // In fp32, because libtorch's bf16 flash attention on the CPU is several times slower. Keys and values are repeated, because
    // `enableGqa` disables the CPU's flash kernel: a step of six layers of 256 on 8 windows of 512 tokens took 654 ms with it, 501
    // ms this way (libtorch 2.6, two Zen 4 cores).
    const q_bhte = attentionHeads(normed(q!, this.qNorm), { heads: this.#heads, rotary })
    const k_bhte = attentionHeads(normed(k!, this.kNorm), { ...keyValue, rotary })
    const v_bhte = attentionHeads(v!, keyValue)
    const y_bhte = torch.scaledDotProductAttention(
      q_bhte,
      k_bhte,
      v_bhte,
      mask ? { attnMask: mask } : { isCausal: true },
    )
    return y_bhte.transpose(1, 2).reshape([b, t, -1]).to(q!.dtype)
  }
}

class DecoderLayer extends Module {
  readonly selfAttn: Attention
  readonly mlp: SwiGlu
  readonly inputLayernorm: RmsNorm
  readonly postAttentionLayernorm: RmsNorm

  constructor(config: DecoderConfig, dtype: DType) {
    super()
    this.selfAttn = new Attention(config, dtype)
    this.mlp = new SwiGlu(config.hidden_size, config.intermediate_size, dtype)
    this.inputLayernorm = new RmsNorm(config.hidden_size, config.rms_norm_eps, dtype)
    this.postAttentionLayernorm = new RmsNorm(config.hidden_size, config.rms_norm_eps, dtype)
  }

  /** Its two halves, one after the other. */
  parts(layer: number, rotary: RotaryTable, mask: Tensor | undefined, ends: Ends): LayerPart[] {
    const { selfAttn, mlp, inputLayernorm, postAttentionLayernorm } = this
    const { enter, entry, leave } = ends
    return [
      {
        layer,
        kind: 'attention',
        project: (x) => selfAttn.project(enter(inputLayernorm.forward(x))),
        mix: (projected) => selfAttn.mix(projected, rotary, mask),
        last: selfAttn.oProj,
        leave,
        columns: entry && {
          norm: inputLayernorm,
          entry,
          linears: [selfAttn.qProj, selfAttn.kProj, selfAttn.vProj],
        },
      },
      feedForwardPart(layer, postAttentionLayernorm, mlp, ends),
    ]
  }
}

class Trunk extends Module {
  readonly embedTokens: Embedding
  readonly layers: readonly DecoderLayer[]
  readonly norm: RmsNorm

  constructor(config: DecoderConfig, dtype: DType) {
    super()
    this.embedTokens = new Embedding(config.vocab_size, config.hidden_size, dtype)
    this.layers = Array.from({ length: config.num_hidden_layers }, () => new DecoderLayer(config, dtype))
    this.norm = new RmsNorm(config.hidden_size, config.rms_norm_eps, dtype)
  }
}

/**
 * A language model as Llama and Qwen are: attention with rotary positions, SwiGLU, RMS norms. Names of weights are Hugging Face's.
 *
 * @example
 * ```ts
 * import { Decoder, initializeDecoder } from '@hadal/nn'
 * import { torch } from '@hadal/tensor'
 *
 * const model = new Decoder({ vocab_size: 64, hidden_size: 32, intermediate_size: 64, num_hidden_layers: 2, num_attention_heads: 4, num_key_value_heads: 2, max_position_embeddings: 64, rms_norm_eps: 1e-5, rope_theta: 10_000, tie_word_embeddings: true })
 * initializeDecoder(model.parameters(), 2)
 * model.forward(torch.tensor([[1, 2, 3]], { dtype: 'int64' })).shape // → [ 1, 3, 64 ]
 * ```
 */
export class Decoder extends CausalDecoder<DecoderConfig> {
  readonly model: Trunk
  /** Absent when the head is tied to the embedding. */
  readonly lmHead: Linear | undefined
  readonly #rotary: RotaryTable

  /**
   * Allocates the parameters in `dtype` without filling them; with a `shard` (valid by `layoutIssues`) those of one rank. Throws
   * `nn_invalid_model_config`.
   */
  constructor(config: DecoderConfig, dtype: DType = 'float32', shard?: Shard) {
    super(config, shard)
    checkDecoderConfig(config)
    const local = localConfig(config, shard?.tensor)
    this.model = new Trunk(local, dtype)
    this.lmHead = config.tie_word_embeddings
      ? undefined
      : new Linear(config.hidden_size, local.vocab_size, dtype)
    const { max_position_embeddings, rope_theta, rope_scaling } = config
    const width = headDim(config)
    this.#rotary = rotaryTable(
      max_position_embeddings,
      rope_scaling
        ? llama3Frequencies(width, rope_theta, rope_scaling)
        : inverseFrequencies(width, rope_theta),
    )
  }

  /**
   * Token ids [b, t] to logits [b, t, v]. `segments` [b, t] numbers the documents packed in each row: a token attends only to
   * earlier tokens of its own document; without it, to every earlier token of the row. Throws `nn_sequence_too_long`.
   */
  forward(ids_bt: Tensor, segments_bt?: Tensor): Tensor {
    return this.logits(this.hidden(ids_bt, segments_bt))
  }

  /** `forward` without the head: normed hidden states [b, t, d]. `runParts` runs its layers. */
  hidden(ids_bt: Tensor, segments_bt?: Tensor, runParts: RunParts = runAtOnce): Tensor {
    return this.throughLayers(ids_bt, segments_bt, this.#rotary, runParts, (rotary, mask, ends) =>
      this.model.layers.flatMap((layer, index) => layer.parts(index, rotary, mask, ends)),
    )
  }
}
