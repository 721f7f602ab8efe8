/** Tensor parallelism: a sharded model equals the unsharded one. */

import { type Claim, defineClaim } from '../../claim.ts'
import { judgeTensorParallel } from './judge.ts'
import type { TensorParallelRaw } from './measure.ts'

export const claim: Claim = defineClaim<TensorParallelRaw>({
  id: 'tensor-parallel',
  title: 'Tensor parallelism',
  claimed: 'a sharded model equals the unsharded one',
  page: 'parallel.md',
  needs: ['libtorch'],
  quickSeconds: 10,
  fullMinutes: 4,
  measure: async (context) => (await import('./measure.ts')).measureTensorParallel(context),
  judge: judgeTensorParallel,
})
