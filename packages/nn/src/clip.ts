/** Gradient clipping by global norm (Pascanu et al. 2013, arXiv:1211.5063). */

import { scope, type Tensor, torch } from '@hadal/tensor'

/** Euclidean norms of gradients, before clipping. */
export interface GradientNorms {
  /** Of all together. */
  readonly total: number
  /** Of each, in their order. */
  readonly each: readonly number[]
}

/** Scales `gradients` in place so that their joint norm is at most `maxNorm`; returns the norms before. */
export function clipByGlobalNorm(gradients: readonly Tensor[], maxNorm: number): GradientNorms {
  return scope(() => {
    const each_n = torch.stack(torch._foreachNorm([...gradients]))
    const total = torch.linalgVectorNorm(each_n)
    const factor = torch.clamp(total.add(1e-6).reciprocal().mul(maxNorm), { max: 1 })
    torch._foreachMul_([...gradients], factor)
    return { total: total.item() as number, each: each_n.toArray() as number[] }
  })
}
