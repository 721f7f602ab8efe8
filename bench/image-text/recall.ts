/** What a model finds among held-out pictures and their names, computed in fp32. */

import { Clip, captionBatch, loadParameters } from '@hadal/nn'
import { noGrad, scope, type Tensor, torch } from '@hadal/tensor'
import { type Embeddings, rankQueries, recallOf, type Weights } from '@hadal/train'
import type { EmojiStages } from '../../recipes/emoji-clip/stages.ts'

/** Shares of queries, by k. */
export interface Found {
  readonly textToImage: Readonly<Record<number, number>>
  readonly imageToText: Readonly<Record<number, number>>
}

export async function found({ config, tokens, tune }: EmojiStages, weights: Weights): Promise<Found> {
  const { captions, imageSize, load } = tune.valid
  const all = captions.map((_, index) => index)
  const pixels = await load(all, undefined)
  return scope(() =>
    noGrad(() => {
      const model = new Clip(config)
      const tensors = [...weights].map(([name, { shape, values }]) => {
        return [name, torch.tensor(values, { shape })] as const
      })
      loadParameters(model.state(), new Map(tensors))
      const images = embeddings(
        model.embedImages(torch.tensor(pixels, { shape: [all.length, 3, imageSize, imageSize] })),
      )
      // Begun and ended as they are.
      const ids = captions.map(([caption]) => caption!.slice(1, -1))
      const texts = embeddings(model.embedTexts(captionBatch(ids, tokens)))
      const own = all.map((index) => [index])
      return {
        textToImage: recallOf(rankQueries(texts, images, own)).at,
        imageToText: recallOf(rankQueries(images, texts, own)).at,
      }
    }),
  )
}

function embeddings(x_be: Tensor): Embeddings {
  const [count, width] = x_be.shape as [number, number]
  return { values: x_be.toTypedArray() as Float32Array, count, width }
}
