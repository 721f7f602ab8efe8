/** Maintenance of the allocator: no out-of-memory where one happened without it. */

import { type Claim, defineClaim } from '../../claim.ts'

export const claim: Claim = defineClaim({
  id: 'allocator',
  title: 'Maintenance of the allocator',
  claimed: 'no out-of-memory where one happened without it',
  page: 'memory.md',
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
