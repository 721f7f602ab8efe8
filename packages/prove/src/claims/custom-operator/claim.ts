/** A custom operator: a fused operator of one’s own, equal to its reference and faster. */

import { type Claim, defineClaim } from '../../claim.ts'

export const claim: Claim = defineClaim({
  id: 'custom-operator',
  title: 'A custom operator',
  claimed: 'a fused operator of one’s own, equal to its reference and faster',
  page: 'custom-operators.md',
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
