/** Alerts: fire at a P99 above 500 ms and a backlog above 10. The rendered rules over made series and a real server's, by promtool. */

import { type Claim, defineClaim } from '../../claim.ts'
import { judge, type Raw } from './judge.ts'

export const claim: Claim = defineClaim<Raw>({
  id: 'alerts',
  title: 'Alerts',
  claimed: 'fire at a P99 above 500 ms and a backlog above 10',
  page: 'monitor.md',
  needs: [],
  quickSeconds: 8,
  fullMinutes: 1.5,
  measure: async (context) => (await import('./measure.ts')).measure(context),
  judge,
})
