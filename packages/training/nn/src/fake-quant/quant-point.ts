/** A place in a model where an activation may be quantised. Knows nothing about how. */

import type { Tensor } from '@hadal/tensor'
import { Module } from '../module.ts'

/**
 * Has no parameters, so names of weights do not change; the identity until something is attached.
 *
 * @internal
 */
export class QuantPoint extends Module {
  #apply: ((x: Tensor) => Tensor) | undefined

  /** Of any shape, to the same. */
  forward(x: Tensor): Tensor {
    return this.#apply ? this.#apply(x) : x
  }

  get isAttached(): boolean {
    return this.#apply !== undefined
  }

  /** Gives what `apply` makes of x from now on; without it x. */
  attach(apply: ((x: Tensor) => Tensor) | undefined): void {
    this.#apply = apply
  }
}
