/** Divergence guard: a gradient norm above 100 stops a run before it is lost. */

import { type Claim, defineClaim } from '../../claim.ts'

export const claim: Claim = defineClaim({
  id: 'divergence-guard',
  title: 'Divergence guard',
  claimed: 'a gradient norm above 100 stops a run before it is lost',
  page: 'training.md',
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
