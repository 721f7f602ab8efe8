/**
 * Fused fp32 operators for a model's norms and gates. Their rounding differs from libtorch's, so they are opt-in. Independent of
 * how the operators are built.
 */

import type { FusedOps } from '@hadal/tensor'
import { RmsNorm, SwiGlu } from '../layers.ts'
import { type Module, namedModules } from '../module.ts'

export interface FusedLayers {
  readonly norms: number
  readonly gates: number
}

/**
 * Applies to all modules below `root`; undefined restores libtorch's. Returns the number of modules.
 *
 * @internal
 */
export function useFusedOps(root: Module, ops: FusedOps | undefined): FusedLayers {
  let [norms, gates] = [0, 0]
  for (const [, module] of namedModules(root)) {
    if (module instanceof RmsNorm) {
      module.computeWith(ops?.rmsNorm)
      norms += 1
    } else if (module instanceof SwiGlu) {
      module.mixWith(ops?.swiGlu)
      gates += 1
    }
  }
  return { norms, gates }
}
