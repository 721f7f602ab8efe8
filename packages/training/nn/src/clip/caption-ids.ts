/** Captions as input of a text encoder: with begin and end tokens, truncated and padded to one length. */

import { type Tensor, torch } from '@hadal/tensor'

export interface CaptionTokens {
  /** Ids that begin and end a caption. */
  readonly start: number
  readonly end: number
  /** Longest caption in tokens, with both: `max_position_embeddings`. */
  readonly length: number
  /** Default: `end`, Hugging Face's padding; open_clip uses 0. Tokens after the end have no effect. */
  readonly pad?: number | undefined
}

/**
 * The ids of one caption, unpadded. A long one is truncated before its end token.
 *
 * @internal
 */
export function captionIds(ids: readonly number[], { start, end, length }: CaptionTokens): number[] {
  return [start, ...ids.slice(0, length - 2), end]
}

/**
 * Several captions as one batch, int64 [b, t], as long as the longest.
 *
 * @example
 * ```ts
 * import { captionBatch } from '@hadal/nn'
 *
 * const ids_tl = captionBatch([[5, 6, 7], [8]], { start: 1, end: 2, length: 6 }) // token ids of two captions
 * ids_tl.shape // → [ 2, 5 ]
 * ```
 */
export function captionBatch(captions: readonly (readonly number[])[], tokens: CaptionTokens): Tensor {
  const { end, pad = end } = tokens
  const rows = captions.map((ids) => captionIds(ids, tokens))
  const time = rows.reduce((longest, row) => Math.max(longest, row.length), 0)
  const all_bt = new BigInt64Array(rows.length * time).fill(BigInt(pad))
  rows.forEach((row, index) => {
    row.forEach((id, place) => {
      all_bt[index * time + place] = BigInt(id)
    })
  })
  return torch.tensor(all_bt, { shape: [rows.length, time], dtype: 'int64' })
}
