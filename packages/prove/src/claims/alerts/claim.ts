/** Alerts: fire at a P99 above 500 ms and a backlog above 10. */

import { type Claim, defineClaim } from '../../claim.ts'

export const claim: Claim = defineClaim({
  id: 'alerts',
  title: 'Alerts',
  claimed: 'fire at a P99 above 500 ms and a backlog above 10',
  page: 'monitor.md',
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
