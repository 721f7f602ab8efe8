/**
 * Norms and gates of a model computed by fused operators in fp32. They round otherwise than libtorch's, so nobody does this by
 * himself: who asks for it says so. Knows nothing about how such operators come to be.
 */

import type { FusedOps } from '@hadal/tensor'
import { RmsNorm, SwiGlu } from '../layers.ts'
import { type Module, namedModules } from '../module.ts'

export interface FusedLayers {
  readonly norms: number
  readonly gates: number
}

/**
 * Those below `root`, from now on; with undefined libtorch's again. Returns how many there are.
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
