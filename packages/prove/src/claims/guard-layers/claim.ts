/** Three layers of input defence: each layer stops attacks that the others let through. */

import { type Claim, defineClaim } from '../../claim.ts'

export const claim: Claim = defineClaim({
  id: 'guard-layers',
  title: 'Three layers of input defence',
  claimed: 'each layer stops attacks that the others let through',
  page: 'guard.md',
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
