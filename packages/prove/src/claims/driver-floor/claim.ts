/** Driver floor: a driver that is too old is found before anything is started. */

import { type Claim, defineClaim } from '../../claim.ts'

export const claim: Claim = defineClaim({
  id: 'driver-floor',
  title: 'Driver floor',
  claimed: 'a driver that is too old is found before anything is started',
  page: 'doctor.md',
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
