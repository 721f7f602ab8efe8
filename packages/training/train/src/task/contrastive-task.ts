/**
 * Contrastive training of images and texts, and retrieval in both directions over all held-out pairs.
 *
 * Shapes: i images, c captions, t tokens, e embedding.
 */

import { contrastiveLoss, sigmoidLoss } from '@hadal/nn'
import { noGrad, scope, type Tensor, torch } from '@hadal/tensor'
import type { ImageTextPairs } from '../image-text-data/image-text-pairs.ts'
import type { TowerView } from '../kinds/open-model.ts'
import { type ContrastiveObjective, contrastiveDefaults } from '../objective.ts'
import type { Embeddings } from '../retrieval/embeddings.ts'
import { pairUp, rankQueries, recallOf } from '../retrieval/recall.ts'
import { type PairBatch, PairSource } from './pair-source.ts'
import type { Evaluated, Pass, Task } from './pass.ts'

/** `size` images a pass. */
export function contrastiveTask(
  train: ImageTextPairs,
  valid: ImageTextPairs,
  objective: ContrastiveObjective,
  size: number,
  seed: number,
): Task<TowerView> {
  const { captionsPerImage } = { ...contrastiveDefaults, ...objective }
  return {
    head: undefined,
    training: new PairSource(train, { size, seed, captionsPerImage }, (batch) =>
      passOf(batch, train, objective),
    ),
    prepare: async () => {},
    heldOut: () => [],
    evaluate: (model) => evaluatePairs(model, valid, objective, size),
  }
}

/** Its loss is a mean over the batch, of which a part would be another loss. */
function passOf(batch: PairBatch, data: ImageTextPairs, objective: ContrastiveObjective): Pass<TowerView> {
  const { images, captions, imageOfCaption } = batch
  const pass: Pass<TowerView> = {
    weight: 1,
    rows: images.length,
    tokens: images.length,
    describe: () => `images ${images.join(', ')}`,
    split: () => [pass],
    loss: (model) => {
      const images_ie = model.embedImages(pixelTensor(batch.pixels, data, images.length))
      const captions_ce = model.embedTexts(captionTensor(captions, data.padding))
      return lossOf(model, images_ie, captions_ce, imageOfCaption, objective)
    },
  }
  return pass
}

function lossOf(
  model: TowerView,
  images_ie: Tensor,
  captions_ce: Tensor,
  imageOfText: readonly number[],
  objective: ContrastiveObjective,
): Tensor {
  const { loss, textWeight, imageWeight } = { ...contrastiveDefaults, ...objective }
  const scale = model.scale()
  if (loss === 'sigmoid')
    return sigmoidLoss(images_ie, captions_ce, { scale, bias: model.bias!, imageOfText })
  return contrastiveLoss(images_ie, captions_ce, { scale, textWeight, imageWeight, imageOfText }).loss
}

const pixelTensor = (pixels: Float32Array, { imageSize }: ImageTextPairs, count: number): Tensor =>
  torch.tensor(pixels, { shape: [count, 3, imageSize, imageSize] })

/** int64 [c, t], padded to the longest. */
function captionTensor(captions: readonly (readonly number[])[], padding: number): Tensor {
  const longest = captions.reduce((most, { length }) => Math.max(most, length), 0)
  const ids_ct = new Int32Array(captions.length * longest).fill(padding)
  captions.forEach((ids, row) => {
    ids_ct.set(ids, row * longest)
  })
  return torch.tensor(ids_ct, { shape: [captions.length, longest] }).long()
}

/**
 * The mean loss over batches of `size` images in order, with as many captions as in training, and Recall@1, 5 and 10 over all
 * held-out pairs for text-to-image and image-to-text queries.
 */
async function evaluatePairs(
  model: TowerView,
  data: ImageTextPairs,
  objective: ContrastiveObjective,
  size: number,
): Promise<Evaluated> {
  const { texts, imagesOfText, textsOfImage } = distinctTexts(data.captions)
  const count = data.captions.length
  const images = await embedAll(count, size, async (from, to) => {
    const pixels = await data.load(range(from, to), undefined)
    return () => model.embedImages(pixelTensor(pixels, data, to - from))
  })
  const captions = await embedAll(
    texts.length,
    size,
    async (from, to) => () => model.embedTexts(captionTensor(texts.slice(from, to), data.padding)),
  )
  const { captionsPerImage } = { ...contrastiveDefaults, ...objective }
  let loss = 0
  // A single image has no negatives: a remainder of one is merged into the batch before.
  for (const [from, to] of batchesOf(count, size)) {
    const chosen = range(from, to).map((image) => textsOfImage[image]!.slice(0, captionsPerImage))
    const imageOfText = chosen.flatMap((own, place) => own.map(() => place))
    const mean = noGrad(() =>
      scope(() =>
        lossOf(
          model,
          tensorOf(images, range(from, to)),
          tensorOf(captions, chosen.flat()),
          imageOfText,
          objective,
        ).item(),
      ),
    )
    loss += (mean as number) * (to - from)
  }
  const byText = recallOf(rankQueries(captions, images, imagesOfText))
  const byImage = recallOf(rankQueries(images, captions, textsOfImage))
  const measures = Object.fromEntries(
    [1, 5, 10].flatMap((k) => [
      [`text-to-image@${k}`, byText.at[k]!],
      [`image-to-text@${k}`, byImage.at[k]!],
    ]),
  )
  return { loss: loss / count, measures }
}

const range = (from: number, to: number): number[] =>
  Array.from({ length: to - from }, (_, offset) => from + offset)

function batchesOf(count: number, size: number): [from: number, to: number][] {
  const batches: [number, number][] = []
  for (let from = 0; from < count; from += size) {
    const left = count - from
    batches.push([from, left === size + 1 ? count : Math.min(from + size, count)])
    if (left === size + 1) break
  }
  return batches
}

/** Unit vectors of rows 0 to `count`, `size` at a time, outside libtorch. */
async function embedAll(
  count: number,
  size: number,
  read: (from: number, to: number) => Promise<() => Tensor>,
): Promise<Embeddings> {
  const parts: Float32Array[] = []
  for (let from = 0; from < count; from += size) {
    const embed = await read(from, Math.min(from + size, count))
    parts.push(noGrad(() => scope(() => embed().toTypedArray() as Float32Array)))
  }
  const width = parts[0]!.length / Math.min(size, count)
  const values = new Float32Array(count * width)
  let at = 0
  for (const part of parts) {
    values.set(part, at)
    at += part.length
  }
  return { values, count, width }
}

function tensorOf({ values, width }: Embeddings, rows: readonly number[]): Tensor {
  const chosen = new Float32Array(rows.length * width)
  rows.forEach((row, at) => {
    chosen.set(values.subarray(row * width, (row + 1) * width), at * width)
  })
  return torch.tensor(chosen, { shape: [rows.length, width] })
}

interface DistinctTexts {
  readonly texts: readonly (readonly number[])[]
  readonly imagesOfText: readonly (readonly number[])[]
  readonly textsOfImage: readonly (readonly number[])[]
}

/** A caption that two images have is one text that belongs to both. */
function distinctTexts(captions: ImageTextPairs['captions']): DistinctTexts {
  const { texts, ...pairing } = pairUp(captions.map((own) => own.map((ids) => ids.join(' '))))
  return { texts: texts.map((text) => text.split(' ').map(Number)), ...pairing }
}
