/** Three layers of input defence: each layer stops attacks that the others let through. Tested on topics that none of them has seen. */

import { type Claim, defineClaim } from '../../claim.ts'
import { judge, type Raw } from './judge.ts'

export const claim: Claim = defineClaim<Raw>({
  id: 'guard-layers',
  title: 'Three layers of input defence',
  claimed: 'each layer stops attacks that the others let through',
  page: 'guard.md',
  needs: [],
  quickSeconds: 15,
  fullMinutes: 2.5,
  measure: async (context) => (await import('./measure.ts')).measure(context),
  judge,
})
