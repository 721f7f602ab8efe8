/** Approximate orthogonalisation of a matrix by matrix products only. */

import { scope, type Tensor, torch } from '@hadal/tensor'

/** The quintic a·x + b·x³ + c·x⁵, chosen for its slope at zero (Jordan et al. 2024, "Muon"). */
const a = 3.4445
const b = -4.775
const c = 2.0315

/**
 * A matrix [r, c] with the singular vectors of `matrix_rc` and singular values between about 0.7 and 1.2, except those near zero.
 * Each of the `steps` iterations multiplies small ones by up to 3.4.
 */
export function orthogonalize(matrix_rc: Tensor, steps: number): Tensor {
  return scope(() => {
    const tall = matrix_rc.shape[0]! > matrix_rc.shape[1]!
    const wide = tall ? matrix_rc.t() : matrix_rc
    let x = wide.div(torch.linalgVectorNorm(wide).add(1e-7))
    for (let step = 0; step < steps; step += 1) {
      const gram = x.matmul(x.t())
      const polynomial = torch.addmm(gram, gram, gram, { beta: b, alpha: c })
      x = torch.addmm(x, polynomial, x, { beta: a })
    }
    return tall ? x.t() : x
  })
}
