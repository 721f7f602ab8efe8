/** Autoscaling: one engine fewer after 5 minutes below 30 %. Pure decisions over drawn load, with the simulation's clock. */

import { type Claim, defineClaim } from '../../claim.ts'
import { judge, type Raw } from './judge.ts'

export const claim: Claim = defineClaim<Raw>({
  id: 'autoscaling',
  title: 'Autoscaling',
  claimed: 'one engine fewer after 5 minutes below 30 %',
  page: 'scale.md',
  needs: [],
  quickSeconds: 3,
  fullMinutes: 0.5,
  measure: async (context) => (await import('./measure.ts')).measure(context),
  judge,
})
