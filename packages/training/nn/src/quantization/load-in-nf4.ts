/** Loads a model with its linear modules in NF4, one matrix at a time. */

import { noGrad, type Tensor } from '@hadal/tensor'
import { Linear } from '../layers.ts'
import { checkWeights, type Module, namedModules } from '../module.ts'
import { makeCodebook } from '../optimizers/blockwise.ts'
import { Nf4Weight } from './nf4-weight.ts'

/** Whether a linear module of this name is kept in NF4: the head is not, as in QLoRA. */
export const isFrozenInNf4 = (module: string): boolean => module !== 'lm_head'

/**
 * `weights` by name, each read when its turn comes, into `model`: linear modules in NF4, all else as it is. Their tensors belong to
 * the caller's scope. Throws `nn_weights_mismatch` before anything is written.
 *
 * @internal
 */
export function loadInNf4(
  model: Module,
  weights: ReadonlyMap<string, { readonly shape: readonly number[] }>,
  read: (name: string) => Tensor,
  double: boolean,
): void {
  const parameters = model.parameters()
  checkWeights(parameters, weights)
  const codebook = double ? makeCodebook(true) : undefined
  for (const [module, linear] of namedModules(model)) {
    if (!(linear instanceof Linear && isFrozenInNf4(module))) continue
    const name = `${module}.weight`
    using weight = read(name)
    linear.pack(new Nf4Weight(weight, codebook))
    parameters.delete(name)
  }
  for (const [name, parameter] of parameters) {
    using weight = read(name)
    noGrad(() => parameter.copy_(weight))
  }
  // Needed only for packing.
  codebook?.codes.free()
  codebook?.thresholds.free()
}
