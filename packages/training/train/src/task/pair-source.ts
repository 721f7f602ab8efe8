/**
 * Batches of images with their captions: every image once an epoch, its captions drawn anew each time. What a batch has is a function
 * of the seed and of how many images were drawn before it. The next one's images are loaded while this one is trained on.
 */

import { BatchSampler, blockRandom, type SamplerPosition, shuffledIndices } from '@hadal/nn'
import type { ImageTextPairs } from '../image-text-data/image-text-pairs.ts'
import type { TowerView } from '../kinds/open-model.ts'
import type { Pass, PassSource } from './pass.ts'

/** What a pass reads. */
export interface PairBatch {
  /** In the data; none twice. */
  readonly images: readonly number[]
  /** fp32 [images, 3, size, size] */
  readonly pixels: Float32Array
  readonly captions: readonly (readonly number[])[]
  /** Of each caption the place of its image in the batch. */
  readonly imageOfCaption: readonly number[]
}

export interface PairSourceOptions {
  /** Images of a batch; fewer where one would come twice, at the end of an epoch. */
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
    // Whoever asks for it hears of what went wrong.
    this.#ahead.pixels.catch(() => {})
    return this.#passOf({ ...this.#captionsAt(drawn), pixels })
  }

  /** Of the batch before which so many were drawn. */
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
