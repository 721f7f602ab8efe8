/**
 * The gradients of one parameter for every sample of a batch, in a form that need not have them in memory.
 *
 * Shapes: b samples.
 */

import { scope, type Tensor, torch } from '@hadal/tensor'
import type { Kept } from './kept.ts'

export interface SampleGradients {
  /** Squared norms [b], in fp32. */
  squares(): Tensor
  /** The gradients of `count` samples from `from` on themselves, fp32 [count, elements]. */
  explicit(from: number, count: number): Tensor
  /** Their sum, each times its factor [b], in fp32; as many elements as the parameter. */
  sum(factors: Tensor): Tensor
  /** Forgets the samples where `mask` [b] is true: their gradients are zeros. */
  drop(mask: Tensor): void
  free(): void
}

/** How much memory the gradients of single samples may take alongside what a pass holds: more would not stay in a processor's caches. */
const chunkBytes = 16 * 2 ** 20

/** Samples in pieces of which each needs about `chunkBytes`. */
export function* chunksOf(samples: number, elementsOfOne: number): Generator<[from: number, count: number]> {
  const most = Math.max(1, Math.floor(chunkBytes / (4 * elementsOfOne)))
  for (let from = 0; from < samples; from += most) yield [from, Math.min(most, samples - from)]
}

/** Numbers of each sample [b], from those of pieces. */
export function inChunks(
  samples: number,
  elementsOfOne: number,
  squaresOf: (from: number, count: number) => Tensor,
): Tensor {
  const parts = [...chunksOf(samples, elementsOfOne)].map(([from, count]) =>
    scope(() => squaresOf(from, count)),
  )
  return parts.length === 1 ? parts[0]! : torch.cat(parts)
}

/** Gradients that are small, or no larger than their factors: stored explicitly. */
export class ExplicitGradients implements SampleGradients {
  readonly #gradients: Kept

  /** [b, ...]; any dtype. */
  constructor(gradients: Kept) {
    this.#gradients = gradients.hold()
  }

  squares(): Tensor {
    return this.#gradients.squares()
  }

  explicit(from: number, count: number): Tensor {
    return this.#gradients.wide(from, count).flatten(1)
  }

  sum(factors: Tensor): Tensor {
    return scope(() => {
      const all = this.#gradients.wide()
      return all.flatten(1).t().mv(factors)
    })
  }

  drop(mask: Tensor): void {
    this.#gradients.drop(mask)
  }

  free(): void {
    this.#gradients.release()
  }
}
