/**
 * Batches of captioned images: every image once per epoch, its captions redrawn each time. A batch is a function of the seed and
 * the number of images drawn before it. The next batch is prefetched during training.
 */

import { BatchSampler, blockRandom, type SamplerPosition, shuffledIndices } from '@hadal/nn'
import type { ImageTextPairs } from '../image-text-data/image-text-pairs.ts'
import type { TowerView } from '../kinds/open-model.ts'
import type { Pass, PassSource } from './pass.ts'

/** The input of a pass. */
export interface PairBatch {
  /** Indices in the data, without duplicates. */
  readonly images: readonly number[]
  /** fp32 [images, 3, size, size] */
  readonly pixels: Float32Array
  readonly captions: readonly (readonly number[])[]
  /** For each caption, its image's index in the batch. */
  readonly imageOfCaption: readonly number[]
}

export interface PairSourceOptions {
  /** Images per batch; fewer at an epoch's end if one would repeat. */
  readonly size: number
  readonly seed: number
  readonly captionsPerImage: number
}

export class PairSource implements PassSource<TowerView> {
  readonly #data: ImageTextPairs
  readonly #options: PairSourceOptions
  readonly #passOf: (batch: PairBatch) => Pass<TowerView>
  #drawn = 0
  #ahead: { readonly drawn: number; readonly pixels: Promise<Float32Array> } | undefined

  constructor(
    data: ImageTextPairs,
    options: PairSourceOptions,
    passOf: (batch: PairBatch) => Pass<TowerView>,
  ) {
    this.#data = data
    this.#options = options
    this.#passOf = passOf
  }

  async next(): Promise<Pass<TowerView>> {
    const drawn = this.#drawn
    const ahead = this.#ahead
    const pixels = await (ahead?.drawn === drawn ? ahead.pixels : this.#pixelsAt(drawn))
    this.#drawn += this.#options.size
    this.#ahead = { drawn: this.#drawn, pixels: this.#pixelsAt(this.#drawn) }
    // The consumer of the batch receives the error.
    this.#ahead.pixels.catch(() => {})
    return this.#passOf({ ...this.#captionsAt(drawn), pixels })
  }

  /** Images of the batch after `drawn` draws. */
  #imagesAt(drawn: number): readonly number[] {
    const { size, seed } = this.#options
    const sampler = new BatchSampler(this.#data.captions.length, seed)
    sampler.restore({ drawn })
    return [...new Set(sampler.next(size))]
  }

  async #pixelsAt(drawn: number): Promise<Float32Array> {
    return this.#data.load(this.#imagesAt(drawn), { seed: this.#options.seed, turn: drawn })
  }

  #captionsAt(drawn: number): Omit<PairBatch, 'pixels'> {
    const { seed, captionsPerImage } = this.#options
    const images = this.#imagesAt(drawn)
    const chosen = images.map((image) => {
      const own = this.#data.captions[image]!
      const order = shuffledIndices(own.length, blockRandom(seed, drawn, image))
      return [...order.subarray(0, captionsPerImage)].map((index) => own[index]!)
    })
    return {
      images,
      captions: chosen.flat(),
      imageOfCaption: chosen.flatMap((own, place) => own.map(() => place)),
    }
  }

  get position(): SamplerPosition {
    return { drawn: this.#drawn }
  }

  restore(position: unknown): void {
    this.#drawn = (position as SamplerPosition).drawn
  }

  get epochs(): number {
    return this.#drawn / this.#data.captions.length
  }
}
