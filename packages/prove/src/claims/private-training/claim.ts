/** Private training with DP-SGD: epsilon 3 costs at most 2 % accuracy. */

import { type Claim, defineClaim } from '../../claim.ts'

export const claim: Claim = defineClaim({
  id: 'private-training',
  title: 'Private training with DP-SGD',
  claimed: 'epsilon 3 costs at most 2 % accuracy',
  page: 'private-training.md',
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
