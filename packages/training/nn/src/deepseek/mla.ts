/**
 * Multi-head latent attention (DeepSeek-V2, arXiv:2405.04434, 2.1): keys and values come from one narrow latent per token, and
 * positions from a separate rotary part whose key all heads share.
 *
 * Shapes: b batch, t time, d hidden, h heads, p width without positions, r rotary width, w value width, c latent; x is p + r, or
 * w where that is more.
 */

import { type DType, type Tensor, torch } from '@hadal/tensor'
import { Linear, RmsNorm } from '../layers.ts'
import { Module } from '../module.ts'
import { type RotaryTable, rotateInterleaved } from '../rotary.ts'
import type { DeepSeekConfig } from './config.ts'
import { yarnScoreScale } from './yarn.ts'

/** The published code uses this for both latents regardless of rms_norm_eps (which has the same value). */
const latentEps = 1e-6

/**
 * Attention whose keys and values derive from one small vector per token, the only part that has to be cached
 * (https://arxiv.org/abs/2405.04434).
 *
 * @example
 * ```ts
 * import { loadCheckpoint, MultiHeadLatentAttention, namedModules } from '@hadal/nn'
 *
 * const { model } = loadCheckpoint('models/deepseek-v2-lite')
 * for (const [name, module] of namedModules(model)) {
 *   if (module instanceof MultiHeadLatentAttention) console.log(name, module.parameters().size)
 * }
 * ```
 */
export class MultiHeadLatentAttention extends Module {
  /** If queries have no latent. */
  readonly qProj: Linear | undefined
  readonly qAProj: Linear | undefined
  readonly qALayernorm: RmsNorm | undefined
  readonly qBProj: Linear | undefined
  /** Projects to the latent and the shared rotary key. */
  readonly kvAProjWithMqa: Linear
  readonly kvALayernorm: RmsNorm
  readonly kvBProj: Linear
  readonly oProj: Linear
  readonly #config: DeepSeekConfig

  constructor(config: DeepSeekConfig, dtype: DType) {
    super()
    this.#config = config
    const { hidden_size: d, num_attention_heads: h, q_lora_rank, kv_lora_rank: c, attention_bias } = config
    const { qk_nope_head_dim: p, qk_rope_head_dim: r, v_head_dim: w } = config
    if (q_lora_rank === null) {
      this.qProj = new Linear(d, h * (p + r), dtype)
    } else {
      this.qAProj = new Linear(d, q_lora_rank, dtype, attention_bias)
      this.qALayernorm = new RmsNorm(q_lora_rank, latentEps, dtype)
      this.qBProj = new Linear(q_lora_rank, h * (p + r), dtype)
    }
    this.kvAProjWithMqa = new Linear(d, c + r, dtype, attention_bias)
    this.kvALayernorm = new RmsNorm(c, latentEps, dtype)
    this.kvBProj = new Linear(c, h * (p + w), dtype)
    this.oProj = new Linear(h * w, d, dtype, attention_bias)
  }

  /** [b, t, d] to queries [b, t, h · (p + r)], keys without positions and values [b, t, h · (p + w)], and the shared key [b, t, r]. */
  project(x_btd: Tensor): readonly Tensor[] {
    const { kv_lora_rank: c, qk_rope_head_dim: r } = this.#config
    const [latent_btc, kRope_btr] = this.kvAProjWithMqa.forward(x_btd).split([c, r], -1) as [Tensor, Tensor]
    return [this.#queries(x_btd), this.kvBProj.forward(this.kvALayernorm.forward(latent_btc)), kRope_btr]
  }

  /** The heads' output, [b, t, h · w], for `oProj`. `mask` from `documentMask`; causal if omitted. */
  mix(
    [queries, keysAndValues, kRope_btr]: readonly Tensor[],
    rotary: RotaryTable,
    mask: Tensor | undefined,
  ): Tensor {
    const { num_attention_heads: h, rope_scaling } = this.#config
    const { qk_nope_head_dim: p, qk_rope_head_dim: r, v_head_dim: w } = this.#config
    const [b, t] = queries!.shape as [number, number, number]
    // Attention stays in fp32: libtorch's bf16 flash attention on the CPU takes several times as long.
    const heads = (x: Tensor): Tensor => x.view([b, t, h, -1]).transpose(1, 2).float()

    const [qNope_bhtp, qRope_bhtr] = heads(queries!).split([p, r], -1) as [Tensor, Tensor]
    const [kNope_bhtp, v_bhtw] = heads(keysAndValues!).split([p, w], -1) as [Tensor, Tensor]
    const kRope_b1tr = rotateInterleaved(kRope_btr!.unsqueeze(1).float(), rotary)

    const q_bhtx = torch.cat([qNope_bhtp, rotateInterleaved(qRope_bhtr, rotary)], -1)
    const k_bhtx = torch.cat([kNope_bhtp, kRope_b1tr.expand([b, h, t, r])], -1)
    const scale = (p + r) ** -0.5 * (rope_scaling ? yarnScoreScale(rope_scaling) : 1)
    const widest = Math.max(p + r, w)
    const y_bhtx = torch.scaledDotProductAttention(
      widened(q_bhtx, widest),
      widened(k_bhtx, widest),
      widened(v_bhtw, widest),
      { scale, ...(mask ? { attnMask: mask } : { isCausal: true }) },
    )
    const y_bthw = y_bhtx.narrow(-1, 0, w).transpose(1, 2)
    return y_bthw.reshape([b, t, h * w]).to(queries!.dtype)
  }

  /** [b, t, h · (p + r)]. */
  #queries(x_btd: Tensor): Tensor {
    if (this.qProj) return this.qProj.forward(x_btd)
    return this.qBProj!.forward(this.qALayernorm!.forward(this.qAProj!.forward(x_btd)))
  }
}

/**
 * x with zeros behind its last dimension up to `width`, which change no score and no sum. Keys as wide as values let the CPU use
 * its flash kernel: 4 windows of 256 tokens in 8 heads of 48 and 32 took 112 ms without, 35 ms so (forward and backward).
 */
function widened(x: Tensor, width: number): Tensor {
  const missing = width - x.shape.at(-1)!
  return missing === 0 ? x : torch.constantPadNd(x, [0, missing])
}
