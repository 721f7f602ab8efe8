/**
 * Memory of a tensor that comes and goes while the tensor stays, and with it every graph that reads it: how weights are here
 * only while they are computed with.
 */

import { op } from './dispatch.ts'
import { failure } from './failure.ts'
import { native } from './native.ts'
import type { Tensor } from './tensor.ts'

const dataOf = op('data')

/**
 * Gives the memory of the elements back. Until `allocateStorage` nothing may read or write the tensor, its views, or a graph
 * that kept it: libtorch does not check, and a process that does crashes.
 *
 * @internal
 */
export function releaseStorage(tensor: Tensor): void {
  set(tensor, false)
}

/**
 * Takes memory for the elements again and gives a tensor over it, to write the values with: what they were, for graphs that kept
 * the tensor do not notice.
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
