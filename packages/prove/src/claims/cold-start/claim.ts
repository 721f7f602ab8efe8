/** Cold start: from 1200 to 350 ms, 71 % less. */

import { type Claim, defineClaim } from '../../claim.ts'

export const claim: Claim = defineClaim({
  id: 'cold-start',
  title: 'Cold start',
  claimed: 'from 1200 to 350 ms, 71 % less',
  page: 'coldstart.md',
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
