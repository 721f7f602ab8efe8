/** A point in a model where an activation may be quantised. */

import type { Tensor } from '@hadal/tensor'
import { Module } from '../module.ts'

/**
 * Has no parameters, so names of weights do not change; the identity until something is attached.
 *
 * @internal
 */
export class QuantPoint extends Module {
  #apply: ((x: Tensor) => Tensor) | undefined

  /** Any shape; preserved. */
  forward(x: Tensor): Tensor {
    return this.#apply ? this.#apply(x) : x
  }

  get isAttached(): boolean {
    return this.#apply !== undefined
  }

  /** Applies `apply` to x from now on; undefined restores the identity. */
  attach(apply: ((x: Tensor) => Tensor) | undefined): void {
    this.#apply = apply
  }
}
