/** Mixed precision with a loss scale of 128: no divergence where fp16 without a scale underflows. */

import { type Claim, defineClaim } from '../../claim.ts'

export const claim: Claim = defineClaim({
  id: 'loss-scale',
  title: 'Mixed precision with a loss scale of 128',
  claimed: 'no divergence where fp16 without a scale underflows',
  page: 'precision.md',
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
