/** Tensor parallelism: a sharded model equals the unsharded one. */

import { type Claim, defineClaim } from '../../claim.ts'

export const claim: Claim = defineClaim({
  id: 'tensor-parallel',
  title: 'Tensor parallelism',
  claimed: 'a sharded model equals the unsharded one',
  page: 'parallel.md',
  needs: [],
  quickSeconds: 1,
  fullMinutes: 1,
  async measure() {
    return {}
  },
  judge() {
    return { verdict: 'not here', measured: '', reason: '', conditions: '', plots: [] }
  },
})
