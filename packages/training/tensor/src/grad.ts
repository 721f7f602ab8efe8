/** Gradients of outputs with respect to inputs, as return values. There is no `.backward()` and no `.grad`. */

import { context } from './context.ts'
import { failure } from './failure.ts'
import { type GradRequest, native } from './native.ts'
import { Tensor } from './tensor.ts'
import { handlesOf } from './wire.ts'

export interface GradOptions {
  /** One per output, each of its output's shape; scalars may go without. */
  readonly gradOutputs?: readonly (Tensor | null)[] | undefined
  /** Keeps the graph for another call. Default: `createGraph`. */
  readonly retainGraph?: boolean | undefined
  /** Records the gradients' own graph, for higher derivatives. */
  readonly createGraph?: boolean | undefined
  /** Inputs that the outputs do not depend on give null instead of an error. */
  readonly allowUnused?: boolean | undefined
}

const schema = 'grad(outputs, inputs, { gradOutputs, retainGraph, createGraph, allowUnused }) -> Tensor[]'

/**
 * d(outputs)/d(inputs), one gradient per input, summed over the outputs.
 *
 * @example
 * ```ts
 * import { grad, torch } from '@hadal/tensor'
 *
 * const x = torch.tensor(3).requiresGrad_()
 * const [dx] = grad(x.pow(2), [x])
 * dx!.item() // → 6
 * ```
 */
export function grad(
  outputs: Tensor | readonly Tensor[],
  inputs: readonly Tensor[],
  options: GradOptions & { readonly allowUnused: true },
): (Tensor | null)[]
export function grad(
  outputs: Tensor | readonly Tensor[],
  inputs: readonly Tensor[],
  options?: GradOptions,
): Tensor[]
export function grad(
  outputs: Tensor | readonly Tensor[],
  inputs: readonly Tensor[],
  options: GradOptions = {},
): (Tensor | null)[] {
  context()
  try {
    return wrap(native().grad(...request(outputs, inputs, options)))
  } catch (thrown) {
    throw failure(thrown, 'grad', schema, [outputs, inputs])
  }
}

/**
 * The same on a worker thread; the event loop stays free. The tensors must not change meanwhile.
 *
 * @example
 * ```ts
 * import { gradAsync, torch } from '@hadal/tensor'
 *
 * const x = torch.tensor([1, 2]).requiresGrad_()
 * const [dx] = await gradAsync(x.pow(3).sum(), [x]) // on another thread
 * dx!.toArray() // → [ 3, 12 ]
 * ```
 */
export async function gradAsync(
  outputs: Tensor | readonly Tensor[],
  inputs: readonly Tensor[],
  options: GradOptions = {},
): Promise<Tensor[]> {
  context()
  try {
    return wrap(await native().gradAsync(...request(outputs, inputs, options))) as Tensor[]
  } catch (thrown) {
    throw failure(thrown, 'gradAsync', schema, [outputs, inputs])
  }
}

function request(
  outputs: Tensor | readonly Tensor[],
  inputs: readonly Tensor[],
  { gradOutputs = [], createGraph = false, retainGraph = createGraph, allowUnused = false }: GradOptions,
): GradRequest {
  const list = outputs instanceof Tensor ? [outputs] : outputs
  return [handlesOf(list), handlesOf(inputs), handlesOf(gradOutputs), retainGraph, createGraph, allowUnused]
}

function wrap(handles: readonly (number | null)[]): (Tensor | null)[] {
  return handles.map((handle) => (handle === null ? null : new Tensor(handle)))
}
