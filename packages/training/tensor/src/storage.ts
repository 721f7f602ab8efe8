/**
 * Releases and reallocates a tensor's memory while the tensor stays, with every graph that reads it: weights exist only while they
 * are used.
 */

import { op } from './dispatch.ts'
import { failure } from './failure.ts'
import { native } from './native.ts'
import type { Tensor } from './tensor.ts'

const dataOf = op('data')

/**
 * Frees the memory of the elements. Until `allocateStorage` the tensor, its views, and graphs that kept it must not be accessed:
 * libtorch does not check, and the process crashes.
 *
 * @internal
 */
export function releaseStorage(tensor: Tensor): void {
  set(tensor, false)
}

/**
 * Allocates memory for the elements again and returns a tensor over it, for writing the previous values; graphs that kept the
 * tensor are unaffected.
 *
 * @internal
 */
export function allocateStorage(tensor: Tensor): Tensor {
  set(tensor, true)
  return dataOf(tensor) as Tensor
}

function set(tensor: Tensor, present: boolean): void {
  try {
    native().setStorage(tensor.handle, present)
  } catch (thrown) {
    throw failure(thrown, present ? 'allocateStorage' : 'releaseStorage', '', [tensor])
  }
}
