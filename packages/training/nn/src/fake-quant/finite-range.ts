/** Minimum and maximum of finite values. */

import { type Tensor, torch } from '@hadal/tensor'

/** fp32 [n] of [n, k]; +∞ and -∞ for a row that is empty or has no finite value. */
export function finiteRange(x_nk: Tensor): readonly [low_n: Tensor, high_n: Tensor] {
  const n = x_nk.shape[0]!
  if (x_nk.numel === 0) return [filled(n, Infinity, x_nk), filled(n, -Infinity, x_nk)]
  const [low_n, high_n] = rangeOf(x_nk)
  // Reading the flag is free on the CPU, but on a GPU waits for all launched kernels.
  if (x_nk.device === 'cpu' && low_n.isfinite().all().item() && high_n.isfinite().all().item())
    return [low_n, high_n]
  const finite_nk = x_nk.isfinite()
  const [only_n] = rangeOf(torch.where(finite_nk, x_nk, Infinity))
  const [, most_n] = rangeOf(torch.where(finite_nk, x_nk, -Infinity))
  return [only_n, most_n]
}

function rangeOf(x_nk: Tensor): readonly [Tensor, Tensor] {
  if (x_nk.shape[0] !== 1)
    return torch.aminmax(x_nk, { dim: 1 }).map((each) => each.float()) as [Tensor, Tensor]
  // The kernel for whole tensors is the faster one.
  return torch.aminmax(x_nk).map((each) => each.float().reshape([1])) as [Tensor, Tensor]
}

const filled = (n: number, value: number, like: Tensor): Tensor =>
  torch.full([n], value, { device: like.device })
