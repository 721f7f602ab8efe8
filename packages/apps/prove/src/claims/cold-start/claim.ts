/** Cold start: from 1200 to 350 ms, 71 % less. Real starts of `hadal serve`, everything off and everything on in turns. */

import { type Claim, defineClaim } from '../../claim.ts'
import { judge, type Raw } from './judge.ts'

export const claim: Claim = defineClaim<Raw>({
  id: 'cold-start',
  title: 'Cold start',
  claimed: 'from 1200 to 350 ms, 71 % less',
  page: 'coldstart.md',
  needs: [],
  quickSeconds: 18,
  fullMinutes: 2,
  measure: async (context) => (await import('./measure.ts')).measure(context),
  judge,
})
