/** Gradient clipping by global norm (Pascanu et al. 2013, arXiv:1211.5063). */

import { scope, type Tensor, torch } from '@hadal/tensor'

/** Scales `gradients` in place so that their joint norm is at most `maxNorm`; returns the norm before. */
export function clipByGlobalNorm(gradients: readonly Tensor[], maxNorm: number): number {
  return scope(() => {
    const norm = torch.linalgVectorNorm(torch.stack(torch._foreachNorm([...gradients])))
    const factor = torch.clamp(norm.add(1e-6).reciprocal().mul(maxNorm), { max: 1 })
    torch._foreachMul_([...gradients], factor)
    return norm.item() as number
  })
}
