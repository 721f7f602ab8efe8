/** Differentiable collectives; their backward pass is native, without JavaScript. In a group of one process each is the identity. */

import { context } from '../context.ts'
import { failure } from '../failure.ts'
import { native } from '../native.ts'
import { Tensor } from '../tensor.ts'
import type { ProcessGroup } from './process-group.ts'

/**
 * Identity forward, all-reduce backward: before a column-parallel layer (Megatron-LM's f).
 *
 * @internal
 */
export function copyToGroup(x: Tensor, group: ProcessGroup): Tensor {
  return through('copyToGroup', x, group, (id) => native().copyToGroup(id, x.handle))
}

/**
 * All-reduce forward, identity backward: after a row-parallel layer (Megatron-LM's g).
 *
 * @internal
 */
export function reduceFromGroup(x: Tensor, group: ProcessGroup): Tensor {
  return through('reduceFromGroup', x, group, (id) => native().reduceFromGroup(id, x.handle))
}

/**
 * Forward an all-gather along `dim`, back a reduce-scatter.
 *
 * @internal
 */
export function gatherFromGroup(x: Tensor, dim: number, group: ProcessGroup): Tensor {
  return through('gatherFromGroup', x, group, (id) => native().gatherFromGroup(id, x.handle, dim))
}

/**
 * Forward a reduce-scatter along `dim`, back an all-gather.
 *
 * @internal
 */
export function scatterToGroup(x: Tensor, dim: number, group: ProcessGroup): Tensor {
  return through('scatterToGroup', x, group, (id) => native().scatterToGroup(id, x.handle, dim))
}

/**
 * An all-to-all of rows along dimension 0, both ways: tokens to their experts and back. See `ProcessGroup.allToAll`.
 *
 * @internal
 */
export function exchange(
  x: Tensor,
  inputSplits: readonly number[],
  outputSplits: readonly number[],
  group: ProcessGroup,
): Tensor {
  return through('exchange', x, group, (id) => native().exchange(id, x.handle, inputSplits, outputSplits))
}

function through(what: string, x: Tensor, group: ProcessGroup, call: (id: number) => number): Tensor {
  const id = group.native(what)
  if (id === 0) return x
  context()
  try {
    return new Tensor(call(id))
  } catch (thrown) {
    throw failure(thrown, what, '', [x])
  }
}
