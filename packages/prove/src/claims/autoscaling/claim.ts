/** Autoscaling: one engine fewer after 5 minutes below 30 %. */

import { type Claim, defineClaim } from '../../claim.ts'

export const claim: Claim = defineClaim({
  id: 'autoscaling',
  title: 'Autoscaling',
  claimed: 'one engine fewer after 5 minutes below 30 %',
  page: 'scale.md',
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
