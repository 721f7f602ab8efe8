/**
 * A custom operator as in docs/custom-operators.md: rms_norm(x + residual) · weight, and the same composed of libtorch operators, each of
 * which makes a pass over memory.
 */

import { type OpModule, torch } from '@hadal/tensor'
import { backwardSource, cpuSource } from './cpu-source.ts'
import { cudaKernel, cudaLauncher } from './cuda-source.ts'

export type Schema = '(Tensor x, Tensor residual, Tensor weight, float eps) -> (Tensor y, Tensor roots)'

export const addNorm = (withCuda: boolean): OpModule<Schema> => ({
  definition: {
    name: 'prove::add_norm',
    schema: '(Tensor x, Tensor residual, Tensor weight, float eps) -> (Tensor y, Tensor roots)',
    cpu: cpuSource,
    ...(withCuda && { cuda: { kernel: cudaKernel, launcher: cudaLauncher } }),
    shape: [
      'at::empty_like(x, at::MemoryFormat::Contiguous)',
      'at::empty({x.numel() / weight.numel()}, x.options())',
    ],
    backward: backwardSource,
    saves: ['x', 'residual', 'weight', 'roots'],
    nonDifferentiable: ['roots'],
    flags: ['-O3', '-march=native'],
  },
  reference: (x, residual, weight, eps) => {
    const sum = x.add(residual)
    const roots = sum.square().mean(-1).add(eps).rsqrt().flatten()
    return [torch.rmsNorm(sum, [...weight.shape], weight, eps), roots]
  },
  arguments: (draw, shape) => [draw(shape), draw(shape), draw([shape.at(-1)!]), 1e-5],
  // From a width of two on: of one number alone the gradient is what rounding leaves of zero, in both.
  shapes: [[2], [7], [3, 5], [2, 0, 4], [4, 33, 17], [130, 64]],
})
