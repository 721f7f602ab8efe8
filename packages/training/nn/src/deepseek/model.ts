/**
 * DeepSeek-V2 and V3 (arXiv:2405.04434, arXiv:2412.19437): latent attention, and experts in all but the first layers. Parameters
 * are named as in a Hugging Face checkpoint. Excludes V3's second prediction head.
 *
 * Shapes: b batch, t time, d hidden, v vocabulary.
 */

import type { DType, Tensor } from '@hadal/tensor'
import { CausalDecoder } from '../causal-decoder.ts'
import { feedForwardPart } from '../feed-forward-part.ts'
import { Embedding, Linear, RmsNorm, SwiGlu } from '../layers.ts'
import { Module } from '../module.ts'
import type { Ends, Shard } from '../parallel/divided-layers.ts'
import { localConfig } from '../parallel/shard.ts'
import { inverseFrequencies, type RotaryTable, rotaryTable } from '../rotary.ts'
import { type LayerPart, type RunParts, runAtOnce } from '../tape/layer-part.ts'
import type { LoadObserver } from './balance.ts'
import { type DeepSeekConfig, hasExperts } from './config.ts'
import { MultiHeadLatentAttention } from './mla.ts'
import { MixtureOfExperts } from './moe.ts'
import { yarnAmplitude, yarnFrequencies } from './yarn.ts'

class DeepSeekLayer extends Module {
  readonly selfAttn: MultiHeadLatentAttention
  readonly mlp: SwiGlu | MixtureOfExperts
  readonly inputLayernorm: RmsNorm
  readonly postAttentionLayernorm: RmsNorm

  constructor(config: DeepSeekConfig, index: number, dtype: DType, shard: Shard | undefined) {
    super()
    const { hidden_size, intermediate_size, rms_norm_eps, moe } = config
    this.selfAttn = new MultiHeadLatentAttention(config, dtype)
    this.mlp =
      moe && hasExperts(moe, index)
        ? new MixtureOfExperts(hidden_size, moe, dtype, shard?.expert)
        : new SwiGlu(hidden_size, intermediate_size, dtype)
    this.inputLayernorm = new RmsNorm(hidden_size, rms_norm_eps, dtype)
    this.postAttentionLayernorm = new RmsNorm(hidden_size, rms_norm_eps, dtype)
  }

  /** Its two halves in order. `onLoad` receives the number of tokens routed to each expert. */
  parts(
    layer: number,
    rotary: RotaryTable,
    mask: Tensor | undefined,
    ends: Ends,
    onLoad: (tokensOfExpert: readonly number[]) => void,
  ): LayerPart[] {
    const { selfAttn, mlp, inputLayernorm, postAttentionLayernorm } = this
    const { enter, leave } = ends
    const attention: LayerPart = {
      layer,
      kind: 'attention',
      project: (x) => selfAttn.project(enter(inputLayernorm.forward(x))),
      mix: (projected) => selfAttn.mix(projected, rotary, mask),
      last: selfAttn.oProj,
      leave,
    }
    if (mlp instanceof SwiGlu) return [attention, feedForwardPart(layer, postAttentionLayernorm, mlp, ends)]
    return [
      attention,
      {
        layer,
        kind: 'mlp',
        project: (x) => [enter(postAttentionLayernorm.forward(x))],
        mix: ([x]) => mlp.forward(x!, onLoad),
        last: undefined,
        leave,
      },
    ]
  }
}

class Trunk extends Module {
  readonly embedTokens: Embedding
  readonly layers: readonly DeepSeekLayer[]
  readonly norm: RmsNorm

  constructor(config: DeepSeekConfig, dtype: DType, shard: Shard | undefined) {
    super()
    const { vocab_size, hidden_size, num_hidden_layers, rms_norm_eps } = config
    this.embedTokens = new Embedding(vocab_size, hidden_size, dtype)
    this.layers = Array.from(
      { length: num_hidden_layers },
      (_, index) => new DeepSeekLayer(config, index, dtype, shard),
    )
    this.norm = new RmsNorm(hidden_size, rms_norm_eps, dtype)
  }
}

/**
 * A language model as DeepSeek-V2 and V3 are: latent attention and a mixture of experts.
 *
 * @example
 * ```ts
 * import { DeepSeek, loadCheckpoint, modelParameterCount } from '@hadal/nn'
 *
 * const { model } = loadCheckpoint('models/deepseek-v2-lite', { dtype: 'bfloat16' })
 * if (model instanceof DeepSeek) console.log(modelParameterCount(model.config).activated)
 * ```
 */
export class DeepSeek extends CausalDecoder<DeepSeekConfig> {
  readonly model: Trunk
  /** Absent when the head is tied to the embedding. */
  readonly lmHead: Linear | undefined
  readonly #rotary: RotaryTable

  /**
   * Allocates the parameters in `dtype` without filling them; with a `shard` (valid by `layoutIssues`) those of one rank. `config`
   * comes from `readDeepSeekConfig`.
   */
  constructor(config: DeepSeekConfig, dtype: DType = 'float32', shard?: Shard) {
    super(config, shard)
    const { hidden_size, max_position_embeddings, rope_theta, rope_scaling } = config
    const local = localConfig(config, shard?.tensor)
    this.model = new Trunk(local, dtype, shard)
    this.lmHead = config.tie_word_embeddings ? undefined : new Linear(hidden_size, local.vocab_size, dtype)
    const width = config.qk_rope_head_dim
    this.#rotary = rope_scaling
      ? rotaryTable(
          max_position_embeddings,
          yarnFrequencies(width, rope_theta, rope_scaling),
          yarnAmplitude(rope_scaling),
        )
      : rotaryTable(max_position_embeddings, inverseFrequencies(width, rope_theta))
  }

  /**
   * Token ids [b, t] to logits [b, t, v]. `segments` [b, t] numbers the documents packed in each row: a token attends only to
   * earlier tokens of its own document; without it, to every earlier token of the row. `onLoads` receives, per layer, the number of
   * tokens routed to each expert. Throws `nn_sequence_too_long`.
   */
  forward(ids_bt: Tensor, segments_bt?: Tensor, onLoads?: LoadObserver): Tensor {
    return this.logits(this.hidden(ids_bt, segments_bt, runAtOnce, onLoads))
  }

  /** `forward` without the head: normed hidden states [b, t, d]. `runParts` runs its layers. */
  hidden(
    ids_bt: Tensor,
    segments_bt?: Tensor,
    runParts: RunParts = runAtOnce,
    onLoads?: LoadObserver,
  ): Tensor {
    return this.throughLayers(ids_bt, segments_bt, this.#rotary, runParts, (rotary, mask, ends) =>
      this.model.layers.flatMap((layer, index) =>
        layer.parts(index, rotary, mask, ends, (tokens) => onLoads?.(index, tokens)),
      ),
    )
  }
}
