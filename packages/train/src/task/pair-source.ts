/**
 * Batches of images with their captions: every image once an epoch, its captions drawn anew each time. What a batch has is a function
 * of the seed and of how many images were drawn before it. The next one is loaded while this one is trained on.
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
  #ahead: { readonly drawn: number; readonly batch: Promise<PairBatch> } | undefined

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
    const ahead = this.#ahead
    const batch = await (ahead?.drawn === this.#drawn ? ahead.batch : this.#batchAt(this.#drawn))
    this.#drawn += this.#options.size
    this.#ahead = { drawn: this.#drawn, batch: this.#batchAt(this.#drawn) }
    // Whoever asks for it hears of what went wrong.
    this.#ahead.batch.catch(() => {})
    return this.#passOf(batch)
  }

  async #batchAt(drawn: number): Promise<PairBatch> {
    const { size, seed, captionsPerImage } = this.#options
    const { captions: all } = this.#data
    const sampler = new BatchSampler(all.length, seed)
    sampler.restore({ drawn })
    const images = [...new Set(sampler.next(size))]
    const chosen = images.map((image) => {
      const own = all[image]!
      const order = shuffledIndices(own.length, blockRandom(seed, drawn, image))
      return [...order.subarray(0, captionsPerImage)].map((index) => own[index]!)
    })
    return {
      images,
      pixels: await this.#data.load(images, { seed, turn: drawn }),
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
