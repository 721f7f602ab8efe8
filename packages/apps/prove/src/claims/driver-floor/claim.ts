/**
 * Minimum driver version: a driver that is too old is detected before anything starts. Uses fake nvidia-smi output, and a real one on GPU
 * machines.
 */

import { type Claim, defineClaim } from '../../claim.ts'
import { judge, type Raw } from './judge.ts'

export const claim: Claim = defineClaim<Raw>({
  id: 'driver-floor',
  title: 'Driver floor',
  claimed: 'a driver that is too old is found before anything is started',
  page: 'doctor.md',
  needs: [],
  quickSeconds: 4,
  fullMinutes: 0.3,
  measure: async (context) => (await import('./measure.ts')).measure(context),
  judge,
})
