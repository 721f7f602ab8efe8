/**
 * The text encoder: a causal transformer, pooled at the end of the caption.
 *
 * Shapes: b captions, t tokens, d hidden.
 */

import { type DType, type Tensor, torch } from '@hadal/tensor'
import { sequenceTooLong } from '../errors.ts'
import { Embedding } from '../layers.ts'
import { Module } from '../module.ts'
import { LayerNorm } from '../normalization.ts'
import { type RunParts, runAtOnce } from '../tape/layer-part.ts'
import type { ClipTextConfig } from './config.ts'
import { Encoder } from './encoder.ts'

class TextEmbeddings extends Module {
  readonly tokenEmbedding: Embedding
  readonly positionEmbedding: Embedding

  constructor({ vocab_size, max_position_embeddings, hidden_size }: ClipTextConfig, dtype: DType) {
    super()
    this.tokenEmbedding = new Embedding(vocab_size, hidden_size, dtype)
    this.positionEmbedding = new Embedding(max_position_embeddings, hidden_size, dtype)
  }

  forward(ids_bt: Tensor): Tensor {
    const places_t = torch.arange(ids_bt.shape[1]!, { dtype: 'int64', device: ids_bt.device })
    // Looked up for each caption, so that each has its own gradient of them.
    const positions_btd = this.positionEmbedding.forward(places_t.expand(ids_bt.shape))
    return this.tokenEmbedding.forward(ids_bt).add(positions_btd)
  }
}

export class TextTower extends Module {
  readonly embeddings: TextEmbeddings
  readonly encoder: Encoder
  readonly finalLayerNorm: LayerNorm
  readonly #config: ClipTextConfig

  constructor(config: ClipTextConfig, dtype: DType) {
    super()
    this.#config = config
    this.embeddings = new TextEmbeddings(config, dtype)
    this.encoder = new Encoder(config, true, dtype)
    this.finalLayerNorm = new LayerNorm(config.hidden_size, config.layer_norm_eps, dtype)
  }

  /** Token ids [b, t] to [b, d], not projected. Throws `nn_sequence_too_long`. */
  forward(ids_bt: Tensor, runParts: RunParts = runAtOnce): Tensor {
    const [b, t] = ids_bt.shape as [number, number]
    const { max_position_embeddings, eos_token_id, hidden_size } = this.#config
    if (t > max_position_embeddings) throw sequenceTooLong(t, max_position_embeddings)
    const x_btd = this.encoder.forward(this.embeddings.forward(ids_bt), runParts)
    const marks_bt = eos_token_id === null ? ids_bt : ids_bt.eq(eos_token_id).int()
    const end_b1d = torch.argmax(marks_bt, 1).view([b, 1, 1]).expand([b, 1, hidden_size])
    return this.finalLayerNorm.forward(x_btd.gather(1, end_b1d).squeeze(1))
  }
}
