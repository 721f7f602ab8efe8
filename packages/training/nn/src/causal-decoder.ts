/** The parts that decoders of every family share: embedding, rotary positions, final norm, head, and sharding. */

import type { Tensor } from '@hadal/tensor'
import { documentMask } from './document-mask.ts'
import { sequenceTooLong } from './errors.ts'
import type { Embedding, Linear, RmsNorm } from './layers.ts'
import { Module } from './module.ts'
import { type Ends, endsOf, type Shard, throughHead } from './parallel/divided-layers.ts'
import { linear } from './per-sample/tell-layers.ts'
import { type RotaryTable, rotaryPrefix } from './rotary.ts'
import type { LayerPart, RunParts } from './tape/layer-part.ts'

export abstract class CausalDecoder<
  Config extends { readonly max_position_embeddings: number },
> extends Module {
  abstract readonly model: { readonly embedTokens: Embedding; readonly norm: RmsNorm }
  /** Absent when the head is tied to the embedding. */
  abstract readonly lmHead: Linear | undefined
  readonly #config: Config
  readonly #shard: Shard | undefined

  constructor(config: Config, shard: Shard | undefined) {
    super()
    this.#config = config
    this.#shard = shard
  }

  get config(): Config {
    return this.#config
  }

  /** The rank's shard; undefined for a whole model. */
  get shard(): Shard | undefined {
    return this.#shard
  }

  /** The LM head's weight [v, d], or this rank's shard of it; undefined if the head is not a plain linear layer. */
  get headWeight(): Tensor | undefined {
    if (!this.lmHead) return this.model.embedTokens.weight
    return this.lmHead.isPlain ? this.lmHead.weight : undefined
  }

  /** Hidden states [b, t, d] to logits [b, t, v]. */
  logits(hidden_btd: Tensor): Tensor {
    const { lmHead, model } = this
    return throughHead(
      hidden_btd,
      this.#shard,
      (x_btd) => lmHead?.forward(x_btd) ?? linear(x_btd, model.embedTokens.weight),
    )
  }

  /** Token ids [b, t] through the layers that `partsOf` gives to normed hidden states [b, t, d]. Throws `nn_sequence_too_long`. */
  protected throughLayers(
    ids_bt: Tensor,
    segments_bt: Tensor | undefined,
    table: RotaryTable,
    runParts: RunParts,
    partsOf: (rotary: RotaryTable, mask: Tensor | undefined, ends: Ends) => readonly LayerPart[],
  ): Tensor {
    const time = ids_bt.shape[1]!
    const { max_position_embeddings } = this.#config
    if (time > max_position_embeddings) throw sequenceTooLong(time, max_position_embeddings)
    const rotary = rotaryPrefix(table, time)
    const mask = segments_bt && documentMask(segments_bt)
    const ends = endsOf(this.#shard, time)
    const beside = [rotary.cos, rotary.sin, ...(mask ? [mask] : [])]
    const x_btd = ends.embed(this.model.embedTokens.weight, ids_bt)
    return ends.whole(this.model.norm.forward(runParts(partsOf(rotary, mask, ends), x_btd, beside)))
  }
}
