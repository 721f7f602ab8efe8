/** Checks once, before a run is trusted, that layers report every use of the model's parameters. */

import { getRngState, noGrad, scope, setRngState, type Tensor, torch } from '@hadal/tensor'
import { Tape } from '../tape/tape.ts'
import { nameOf, observe } from './clipped-gradients.ts'
import { usesUntold } from './errors.ts'
import type { PrivateBackward } from './private-backward.ts'

/** Beyond what rounding in bf16 does. */
const tolerance = 0.1
/** Share of the whole gradient: smaller values may be rounding alone. */
const negligible = 1e-3

/**
 * Compares the sum of all samples' gradients, as layers report them, with the gradient of the loss itself; costs two passes. Throws
 * `nn_uses_untold` where they differ: then clipping would not bound what a sample does. Nothing to check in the mode `exact`.
 *
 * @internal
 */
export function checkReported(of: PrivateBackward): void {
  if (of.mode === 'exact' || of.samples === 0) return
  scope(() => {
    const random = getRngState()
    const reported = new Map<Tensor, Tensor>()
    const like = of.parameters[0]!
    const ones = torch.ones([of.samples], {
      device: like.device,
      dtype: like.dtype === 'float64' ? 'float64' : 'float32',
    })
    observe(of, (parameter, uses) => {
      const sums = uses.map((use) => use.sum(ones).reshape(parameter.shape))
      for (const use of uses) use.free()
      if (sums.length > 0) reported.set(parameter, sums.reduce((sum, each) => sum.add(each)).unscope())
    })
    setRngState(random)
    const tape = of.newTape?.() ?? new Tape(1)
    const gradients = tape.gradients(of.loss(tape), of.parameters)
    const length = (tensor: Tensor): number => tensor.float().norm().item() as number
    noGrad(() => {
      const lengths = gradients.map(length)
      const least = negligible * Math.hypot(...lengths)
      const untold = of.parameters.filter((parameter, index) => {
        const gradient = gradients[index]!.float()
        const difference = length(reported.has(parameter) ? gradient.sub(reported.get(parameter)!) : gradient)
        return difference > tolerance * Math.max(lengths[index]!, least)
      })
      for (const sum of reported.values()) sum.free()
      if (untold.length > 0) throw usesUntold(untold.map((each) => nameOf(each, of)))
    })
  })
}
